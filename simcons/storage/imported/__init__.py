"""Studies of people, kept as tables of their own, read into run folders."""
