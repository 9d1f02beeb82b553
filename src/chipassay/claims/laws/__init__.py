"""What is said of the law: acts and their days, limits, licences."""
