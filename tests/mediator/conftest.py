from groups import bank, crowd, everyone, groups  # noqa: F401  (fixtures)
