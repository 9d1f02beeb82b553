"""Facts to records: names become entries, entries become numbers."""
