"""What a study of people would take, before it is run: people, time, money, model calls, and what it could find."""
