"""Made-up content of a demonstration: services of one municipality, a population, counts of journeys."""
