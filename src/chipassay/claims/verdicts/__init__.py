"""Whether it is so: claims before the catalogue, the law and the models."""
