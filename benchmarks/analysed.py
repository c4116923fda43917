"""The study that benchmarks of analyses are of: that of the paper's baselines, with something for every analysis to find.

Beside what paper_baselines has, statements are also made with one opinion left out, and people rate the others' opinions and
rank what they were shown.
"""

from __future__ import annotations

from pathlib import Path

import simcons
from simcons.storage.load import Run

SCENARIO = "paper_baselines"
DESIGN = {"omissions": [0, 1], "others_opinions": True, "stages": ["position", "opinion", "rating", "ranking"]}


def study(groups: int, folder: Path) -> Run:
    overrides = {f"design.{key}": value for key, value in {**DESIGN, "groups": groups}.items()}
    return simcons.run(SCENARIO, overrides=overrides, out=folder)
