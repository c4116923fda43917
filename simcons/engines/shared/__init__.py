"""Engines of another process of this machine, which many runs ask beside one another: each model is loaded once."""
