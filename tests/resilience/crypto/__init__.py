"""Tests of the cryptographic inventory."""
