"""What is said of a chip: which chip, which attribute, how counted."""
