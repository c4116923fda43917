"""How many groups a study of people needs."""
