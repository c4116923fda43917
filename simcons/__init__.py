"""Run a study of AI-assisted agreement on synthetic participants, before you run it on people.

run = simcons.load("runs/quickstart-001")
run.ratings                       # a pandas frame; so are run.opinions, run.candidates, ...
run.sql().execute("SELECT ...")   # DuckDB over the same tables
"""

from simcons.storage.load import Run, load

__all__ = ["Run", "load"]
