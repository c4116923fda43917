"""``python -m simcons``."""

from simcons.cli import main

main()
