"""Tests of the resilience wing; they mirror its source."""
