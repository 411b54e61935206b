"""The services wing: the right door for every question, service before it is asked for, and no door that is wrong."""
