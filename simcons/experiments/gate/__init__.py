"""Gates: a comparison that lets a change through or stops it, and how often it would err."""
