"""Serving under load, event by event. It borrows step times from a table and knows no chip."""
