"""Facts: numbers with a source, read from YAML strictly and compiled to one JSON file."""
