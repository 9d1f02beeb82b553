"""Text as it is printed: files, sentences, tables, and the names, quantities and words in them."""
