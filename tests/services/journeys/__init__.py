"""Whole journeys, from words at the door to a result."""
