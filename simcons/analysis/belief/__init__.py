"""Simulated people held against people who answered."""
