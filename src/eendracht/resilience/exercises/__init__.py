"""Exercises: organisations practise a disturbance together, and what they decide changes what fails next."""
