"""``simcons new --population``: a population to change, complete and valid: that of `personas/uk.yaml` with comments."""

from __future__ import annotations

import re

from simcons.scenario.shipped import data_folder

# Comments by the line of uk.yaml that they stand before.
_COMMENTS = {
    "schema_version: 1": (
        "A population for simcons: whom a study can recruit, and how they think and behave. It begins as the UK public: change",
        "what is different about yours, and say in `source` where each number comes from. Basis of each number: L looked up in",
        "the source named, E expert knowledge not looked up, S from simulation, J a judgement, F fitted to a study.",
        "Check it:  simcons check POPULATION_FILE.yaml      Meet some people:  simcons persona POPULATION_FILE.yaml -n 5",
        "In a scenario:  population: {kind: margins, name: POPULATION_FILE.yaml}      The guide:  docs/populations.md",
    ),
    "margins:": (
        "--- who they are: counts and percentages that the people meet (raking). The categories are fixed; 0 is allowed ---",
    ),
    "    people:": ("Counts of any size, or shares: only their proportions matter. Every cell must be there.",),
    "  education:": ("Percentages that sum to 100. Level 4+ is what the effects below call a degree.",),
    "  region:": ("Percentages that sum to 100. London has effects of its own below.",),
    "  associations:": (
        "What goes together beyond the margins, as factors on the cells before raking: 2 doubles the odds of a pair.",
        "To tilt ages without touching the counts: age_tilt, with factors for the seven bands, as in personas/uk_crowd.yaml.",
    ),
    "circumstances:": (
        "--- what they can tell of their own lives: in per cent of each sex and age band. Stories in opinions are told by those",
        "    whom they fit ---",
    ),
    "values:": (
        "--- what they hold: positions on six dimensions, in SDs of the UK public; + is right, authoritarian, green, open,",
        "    traditional, keen on technology. Means follow from the shifts alone (economic -0.4: it leans left); effects",
        "    say who differs from the mean, so that more graduates do not move it ---",
    ),
    "response_style:": ("--- how they rate: noise, carelessness, use of the scale ---",),
    "tempo:": ("--- how fast they read, think and write: words a minute, seconds, and spreads over people ---",),
    "behaviour:": ("--- whether they come, wait and stay: shares, minutes, and hazards per hour ---",),
    "writing:": ("--- how they write ---",),
}
_DESCRIPTION = """\
description: >-
  Whom these people stand for, and where the numbers come from. So far they are the UK public of personas/uk.yaml.
"""


def population_text(name: str) -> str:
    """A population file of this name, to be written as ``name``.yaml."""
    text = (data_folder("personas") / "uk.yaml").read_text(encoding="utf-8")
    text = text[text.index("schema_version: 1") :]
    for line, comments in _COMMENTS.items():
        indent = line[: len(line) - len(line.lstrip())]
        block = "".join(f"{indent}# {comment}\n" for comment in comments)
        text = re.sub(rf"^{re.escape(line)}$", f"{block}{line}", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^name: uk$", f'name: "{name}"', text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^description: >-\n(?:  .*\n)+", _DESCRIPTION, text, count=1, flags=re.MULTILINE)
    return text.replace("POPULATION_FILE", name)
