"""What is said of the trade in chips, of training runs and of machines at work."""
