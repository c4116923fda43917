"""Sweeps: one scenario run with many settings, on local processes."""
