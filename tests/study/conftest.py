from groups import bank, crowd  # noqa: F401  (fixtures)
