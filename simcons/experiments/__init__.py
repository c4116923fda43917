"""Experiments: on welfare functions in numeric worlds (stress tests, power), and on a study's people (exploits)."""
