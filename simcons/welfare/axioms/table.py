"""The table of standings: which axiom holds for which rule over which utilities.

The one source of the tests and of the table in docs/axioms.md.

holds: in float64 too. rounds: holds in exact arithmetic, but utilities that are far apart are summed, and float64 loses the
smaller one. fails: some utilities of the domain break it. refused: the rule takes no profile of the domain (ValueError).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, TypeAlias

from simcons.welfare.axioms.catalogue import AXIOMS, Axiom
from simcons.welfare.axioms.domains import DOMAINS
from simcons.welfare.rules import RuleSpec, label

Standing: TypeAlias = Literal["holds", "rounds", "fails", "refused", "no values"]

RULES: tuple[RuleSpec, ...] = (0.0, 0.5, 1.0, 2.0, 9.0, float("inf"), "leximin", "schulze", "borda", "approval")
ORDER_ONLY = ("leximin", "schulze", "borda")  # their numbers are places in a slate, or count its candidates

_BEGIN, _END = "<!-- standings: begin -->", "<!-- standings: end -->"

_LETTERS: dict[str, Standing] = {"h": "holds", "~": "rounds", "f": "fails", "r": "refused", "-": "no values"}

# A column a rule, in the order of RULES; a letter a domain, in the order of DOMAINS: ratings expected wide zeros signs huge tiny.
_MATRIX = """
strict_monotonicity                   hhhhh~h hhhhr~h hhhfrhh hhhfr~h hh~fr~~ fffffff hhhhhhh hhhhhhh hhhhhhh fffffff
monotonicity                          hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh
weak_pareto                           hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh fffffff
symmetry                              hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh hhhhhhh fffffff fffffff hhhhhhh
continuity                            hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh fffffff fffffff fffffff ffffffh
independence_of_unconcerned           hhhhh~h hhhhr~h hhhfrhh hhhfr~h hh~fr~~ fffffff hhhhhhh hhhhhhh hhhhhhh hhhhhhh
common_scale                          hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh ffffffh
pigou_dalton                          hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh ffffffh
strict_pigou_dalton                   fffffff hhhhr~h hhhfrhh hhhfr~h hh~fr~~ fffffff hhhhhhh fffffff fffffff fffffff
independence_of_irrelevant_candidates hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh hhhhhhh fffffff fffffff hhhhhhh
between_worst_and_best                hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh ------- ------- ------- fffffff
idempotence                           hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh ------- ------- ------- fffffff
replication                           hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh ------- ------- ------- hhhhhhh
homogeneity                           hhhhhhh hhhhrhh hhhhrhh hhhhrhh hhhhrhh hhhhhhh ------- ------- ------- ffffffh
refuses_missing                       hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh hhhhhhh
"""


def expected_standing(spec: RuleSpec, axiom: str, domain: str) -> Standing:
    """The standing on one of `RULES`. Raises KeyError for what the matrix does not have."""
    return _CELLS[spec, axiom, domain]


def axioms_of(spec: RuleSpec | None) -> tuple[Axiom, ...]:
    """The axioms that can be asked of a rule: not those about values, if it has none. None: a rule that is not known."""
    return tuple(axiom for axiom in AXIOMS if spec not in ORDER_ONLY or axiom.concerns != "values")


def table_markdown() -> str:
    """The matrix as a Markdown table: a row an axiom, a column a rule."""
    rows = [["", *map(label, RULES)], ["---"] * (len(RULES) + 1)]
    rows += [[axiom.label.strip(), *(_cell(spec, axiom.name) for spec in RULES)] for axiom in AXIOMS]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def write_table(path: Path) -> None:
    """Put the table into a document, between its two marks. Raises ValueError if the document has none."""
    before, mark, rest = path.read_text(encoding="utf-8").partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (mark and end):
        raise ValueError(f"{path}: expected the marks {_BEGIN!r} and {_END!r}")
    path.write_text(f"{before}{_BEGIN}\n{table_markdown()}{_END}{after}", encoding="utf-8")


def _cell(spec: RuleSpec, axiom: str) -> str:
    """The standing on ratings, and the domains where it is another. Refusals are the same for all axioms: the text tells."""
    by_standing: dict[Standing, list[str]] = {}
    for domain in DOMAINS:
        by_standing.setdefault(expected_standing(spec, axiom, domain.name), []).append(domain.name)
    by_standing.pop("refused", None)
    on_ratings, *others = by_standing
    return "; ".join([on_ratings, *(f"{standing} on {', '.join(by_standing[standing])}" for standing in others)])


def _cells() -> dict[tuple[RuleSpec, str, str], Standing]:
    cells = {}
    for row in _MATRIX.split("\n")[1:-1]:
        axiom, *columns = row.split()
        for spec, column in zip(RULES, columns, strict=True):
            for domain, letter in zip(DOMAINS, column, strict=True):
                cells[spec, axiom, domain.name] = _LETTERS[letter]
    return cells


_CELLS = _cells()

if __name__ == "__main__":
    write_table(Path(sys.argv[1]))
