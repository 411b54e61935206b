"""Tests of the crisis envelope."""
