"""Mijn overzicht: what the government does for somebody, knows of them and did with it, for that person alone."""
