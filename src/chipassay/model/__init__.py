"""Time models: formulas over records. No file, no law, no chip by name."""
