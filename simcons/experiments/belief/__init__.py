"""Minds that are held against people: what each makes of the statements that people rated."""
