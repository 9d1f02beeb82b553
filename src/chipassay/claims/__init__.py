"""Claims: what an article asserts about chips, and whether it holds."""
