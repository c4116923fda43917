"""Questions, the claims people make about them, and the reader that finds claims in a text."""
