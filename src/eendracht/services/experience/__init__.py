"""How journeys go, measured without following anybody: counts a day, and nothing about who they came from."""
