"""The report of a study: one page with findings, figures, a replay of sessions, every round, and all tables."""
