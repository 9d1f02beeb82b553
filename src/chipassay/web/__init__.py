"""The pages: one local web application. Decode, one call, a view; no arithmetic, no law."""
