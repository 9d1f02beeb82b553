"""What is said of two chips set against each other: operands and measure."""
