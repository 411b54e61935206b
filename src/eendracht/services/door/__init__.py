"""The right door: from a person's own words to the product they mean and the public body that gives it."""
