"""The command line."""

from simcons.cli.ending import main

__all__ = ["main"]
