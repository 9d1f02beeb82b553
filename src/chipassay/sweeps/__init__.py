"""Sweeps: the formula that answers one question, over columns. It knows no chip and no law."""
