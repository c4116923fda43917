"""Training what simcons uses: `python -m simcons.training.reader` makes the trained reader (recipe in training/reader)."""
