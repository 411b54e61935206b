"""Resilience: what breaks if something fails, on whom we depend, what comes back first, and are we ready."""
