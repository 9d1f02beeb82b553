"""Records in, text or pictures out. A view knows no catalogue and looks nothing up."""
