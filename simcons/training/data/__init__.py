"""From run folders to what models learn from: examples, comparisons and ratings, split by whole question.

`build` makes them, `folder` saves and loads them.
"""
