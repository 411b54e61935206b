"""Eendracht: Dutch public bodies working as one government."""

__version__ = "0.1.0"
