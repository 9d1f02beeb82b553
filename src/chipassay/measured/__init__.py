"""Measured tables of kernels, read into the shapes that formulas take."""
