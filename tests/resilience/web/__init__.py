"""Pages and routes of the wing."""
