"""The number of groups that a study of people needs."""
