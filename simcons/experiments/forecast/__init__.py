"""A forecast of a study of people before it is run: people, time, money, model calls, and the differences that it could find."""
