"""Records in, text or pictures out. A view knows no catalogue: it can draw an answer from a file."""
