"""Run a study of AI-assisted agreement on synthetic participants, before you run it on people.

run = simcons.load("runs/quickstart-001")
run.ratings                       # a pandas frame; so are run.opinions, run.candidates, ...
run.ratings_by_arm                # ratings with the arms that showed the statement
run.truth("personas")             # what only the simulator knows
run.sql().execute("SELECT ...")   # DuckDB over the same tables
"""

from simcons.storage.load import Run, load

__all__ = ["Run", "load"]
