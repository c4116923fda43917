"""A population's numbers fitted to a study: what its answers can tell, and what they cannot."""
