"""Runs in the forms of other tools: `run.export_run`."""
