"""Results as figures, sentences and one self-contained HTML page."""
