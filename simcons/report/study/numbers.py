"""The rows of an analysis that findings and cautions go by: of one run, and of what could be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simcons.analysis.resampling import SIGNIFICANT
from simcons.analysis.results import RUN, Analysis, Row
from simcons.scale import AGREEMENT
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What findings of a run depend on and its analysis does not tell.

    seeing: arms that saw the truth, upper bounds and no mediators; true_scorers: scorers whose scores are the truth. n_rounds: of
    these, on n_questions different questions. n_attacks: of n_opinions, those with an instruction to the mediator.
    """

    seeing: frozenset[str] = frozenset()
    true_scorers: frozenset[str] = frozenset()
    n_rounds: int = 0
    n_questions: int = 0
    n_opinions: int = 0
    n_attacks: int = 0


def circumstances(run: Run) -> Circumstances:
    """Raises RunFolderError for a table that is missing or damaged."""
    sql = run.sql(truth=["oracle_scores"])
    seeing = sql.execute("SELECT DISTINCT arm FROM selections WHERE upper_bound").fetchall()
    true_scorers = sql.execute("SELECT DISTINCT scorer FROM oracle_scores").fetchall()
    counts = sql.execute("SELECT count(*), count(DISTINCT question_id) FROM rounds").fetchall()
    [(n_rounds, n_questions)] = counts
    n_attacks = int(run.truth("opinions")["attack"].notna().sum()) if _is_hostile(run) else 0
    return Circumstances(
        frozenset(str(arm) for (arm,) in seeing),
        frozenset(str(scorer) for (scorer,) in true_scorers),
        n_rounds,
        n_questions,
        len(run.opinions) if n_attacks else 0,
        n_attacks,
    )


def _is_hostile(run: Run) -> bool:
    """True where people were told to attack, and the folder still says which opinions did."""
    people = run.manifest.get("scenario", {}).get("participants", {})
    return bool(people.get("hostility", {}).get("share", 0)) and (run.tables_in / TRUTH).is_dir()


class Numbers:
    """Rows by run. Arms and scorers that see the truth are left out, unless there are no others."""

    def __init__(self, analysis: Analysis, circumstances: Mapping[str, Circumstances]) -> None:
        self._analysis, self._circumstances = analysis, circumstances

    def about(self, run: str) -> Circumstances:
        return self._circumstances.get(run, Circumstances())

    def rows(self, name: str, run: str, **keys: str | int | float) -> list[Row]:
        """Those with an estimate."""
        every = self._every(name, run, **keys)
        return [row for row in every if not self.sees_truth(run, row)] or every

    def _every(self, name: str, run: str, **keys: str | int | float) -> list[Row]:
        result = self._analysis.results.get(name)
        if result is None:
            return []
        return [row for row in result.where(**{RUN: run, **keys}).rows if row.estimate is not None]

    def sees_truth(self, run: str, row: Row) -> bool:
        about = self.about(run)
        return row.keys.get("scorer") in about.true_scorers or not about.seeing.isdisjoint(arms_of(row))

    def pairs(self, run: str) -> list[Row]:
        """The differences in mean agreement between two arms over all rounds."""
        return self.rows("arm_differences", run, scale=AGREEMENT.name, measure="mean", subset="all")

    def furthest_apart(self, run: str) -> Row | None:
        """The pair that the first finding is of."""
        pairs = self.pairs(run)
        return furthest_apart(pairs) if pairs else None

    def left_out(self, run: str) -> list[str]:
        """Arms that there are differences of which `pairs` leaves out."""
        there = {arm for row in self.pairs(run) for arm in arms_of(row)}
        return sorted(self.about(run).seeing - there) if there else []

    def leader(self, run: str) -> str | None:
        """The arm with the highest mean agreement."""
        means = self.rows("rating_distributions", run, scale=AGREEMENT.name, measure="mean")
        return str(max(means, key=value).keys["arm"]) if means else None

    def of(self, run: str, sentence: str) -> str:
        """The sentence with the run's name before it, where there are several."""
        return f"{run}: {sentence}" if len(self._analysis.labels) > 1 else sentence


def arms_of(row: Row) -> tuple[str, ...]:
    """The arm, or the pair of arms, that a row is of."""
    return tuple(str(row.keys[name]) for name in ("arm", "against") if name in row.keys)


def value(row: Row) -> float:
    return row.estimate.value if row.estimate is not None else 0.0


def is_told(row: Row) -> bool:
    """True where a difference is told from none, with all that are read together."""
    p = row.p_value if row.p_holm is None else row.p_holm
    return p is not None and p <= SIGNIFICANT


def furthest_apart(pairs: Sequence[Row]) -> Row:
    """The pair of arms furthest apart of those that can be told apart, or else of all."""
    return max([row for row in pairs if is_told(row)] or pairs, key=lambda row: abs(value(row)))
