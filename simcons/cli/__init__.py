"""The command line: ``simcons``."""

from simcons.cli.app import main

__all__ = ["main"]
