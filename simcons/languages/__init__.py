"""Languages that people write and mediators answer in: one object each, handed to whatever reads, writes or asks."""
