"""Questions asked of the records, one module each. Sees run folders, and nothing that made them."""
