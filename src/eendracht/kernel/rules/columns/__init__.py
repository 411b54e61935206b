"""Rules for everyone at once: compiled from the typed representation to one query, with a status beside each value."""
