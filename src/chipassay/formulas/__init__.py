"""Formulas: numbers in, a number out. No record, no chip's name, no file, no date."""
