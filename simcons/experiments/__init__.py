"""Experiments on welfare functions in numeric worlds: stress tests and the power of a human study."""
