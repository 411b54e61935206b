"""The web frame: the API under `/v1` and the plain pages in Dutch and English."""
