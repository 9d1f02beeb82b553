"""Kernel times: one formula for each kind of kernel, its constants fitted elsewhere."""
