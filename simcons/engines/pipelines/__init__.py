"""Pipelines of a user's own, asked like engines: one request a round, whose reply is kept in the store of calls."""
