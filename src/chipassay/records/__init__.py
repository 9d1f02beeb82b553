"""Nouns, no verbs: what a question, a chip, a model and an answer are."""
