"""A comparison from its two scenarios: both run on the same people, all differences, and a folder with everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from simcons.analysis.resampling import Estimate, mean
from simcons.analysis.sequential import FIRST_LOOK, ConfidenceSequence, looks
from simcons.counted import counted
from simcons.engines.base import Engine
from simcons.errors import ArgumentError, InputError
from simcons.experiments.compare.differences import (
    Difference,
    FixedTest,
    SequentialTest,
    Test,
    adjusted,
    differences,
)
from simcons.experiments.compare.examples import ChangedRound, most_changed, same_statements
from simcons.experiments.compare.measures import Measure, known_measures, parse_margin
from simcons.experiments.compare.pairing import ArmPair, Pairing, pair
from simcons.experiments.compare.scores import EVERYBODY, ROUND, round_costs, round_scores
from simcons.languages.language import Language
from simcons.messages import Message
from simcons.rich_display import RichDisplay
from simcons.runs.folder import next_folder
from simcons.runs.progress import RunProgress
from simcons.runs.shared import Shared
from simcons.runs.start import Overrides, given_scenario, run
from simcons.scenario.study import Scenario, ServiceLatencySettings
from simcons.storage.load import Run
from simcons.storage.results import make_result_folder, write_manifest, write_records, write_table
from simcons.study.recruitment import session_id

Given: TypeAlias = str | Path | Mapping[str, Any] | Scenario
SIDES = ("base", "change")
COSTS = ("words", "requests", "tokens_in", "tokens_out", "minutes", "complete")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a round, a mean over those that both began: words of a statement; requests and tokens of all mediators; minutes
    from its beginning to its end; complete: the share that was finished.
    """

    arm: str
    name: str
    base: float
    change: float
    difference: Estimate


@dataclass(frozen=True, slots=True)
class Likeness:
    """Counts of things that should be the same in both, and were. Opinions differ where somebody was more or less tired."""

    n_opinions: int  # in rounds that both have
    n_same_opinions: int
    n_rounds: int
    n_same_statements: int  # rounds in which both showed the same texts, over all arms compared


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(RichDisplay):
    """The differences that a change makes on the same people. rows: a difference each. folder: holds both runs and the tables.

    looks: numbers of groups at which it was looked at, where it might stop early; stopped: whether it did.
    """

    pairing: Pairing
    folder: Path
    n_groups: int
    rows: tuple[Difference, ...]
    costs: tuple[Cost, ...]
    examples: tuple[ChangedRound, ...]
    likeness: Likeness
    looks: tuple[int, ...] = ()
    stopped: bool = False

    @property
    def overall(self) -> tuple[Difference, ...]:
        """The rows of all rounds and people."""
        return tuple(row for row in self.rows if row.subset == EVERYBODY)

    def __repr__(self) -> str:
        names = f"{self.pairing.base.name!r}, {self.pairing.change.name!r}"
        return f"Comparison({names}: {counted(self.n_groups, 'group')}, {counted(len(self.rows), 'row')}; folder: {self.folder})"


@dataclass(frozen=True, slots=True)
class Watching:
    """Who is told how the runs get on."""

    on_begin: Callable[[Path], None] = lambda folder: None
    on_progress: Callable[[RunProgress], None] = lambda progress: None
    on_message: Callable[[Message], None] = lambda message: None


def given_pairing(
    base: Given, change: Given | None, *, overrides: Overrides = (), groups: int | None = None, seed: int | None = None
) -> Pairing:
    """Both scenarios. overrides: of the change, or of both where there are two. Raises ScenarioError."""
    size = [] if groups is None else [f"design.groups={groups}"]
    first = given_scenario(base, overrides if change is not None else (), seed)[0]
    second = given_scenario(base if change is None else change, overrides, seed)[0]
    sized = [given_scenario(scenario, size, None)[0] for scenario in (first, second)]
    return pair(*sized)


def run_compare(
    base: Given,
    change: Given | None = None,
    *,
    overrides: Overrides = (),
    groups: int | None = None,
    seed: int | None = None,
    measures: Sequence[str] = (),
    margins: Mapping[str, str] | None = None,
    stop_early: bool = False,
    out: str | Path | None = None,
    engines: Mapping[str, Engine] | None = None,
    languages: Sequence[Language] = (),
    watching: Watching | None = None,
) -> Comparison:
    """Run two scenarios on the same people, and tell by how much the change is better or worse.

    change: the other scenario; None where ``overrides`` make it of ``base``. With two, ``overrides`` are of both. groups and
    seed: of both. measures: those that are read, by default all; the fewer, the less they are corrected. margins: by measure,
    with units, such as ``{"agreement": "0.1 points"}``. stop_early: look after 30 groups and whenever they have doubled, by a
    confidence sequence, and stop once every measure that is read is decided. out: a new folder, by default the next of
    ``runs/NAME-compare-001``. The rest as for `simcons.run`. Raises InputError before anything is run, and as `simcons.run` does.
    """
    pairing = given_pairing(base, change, overrides=overrides, groups=groups, seed=seed)
    read = with_margins(known_measures(measures, pairing.base.participants.scales), margins or {})
    planned = looks_at(pairing) if stop_early else (pairing.base.design.groups,)
    parent = next_folder(Path(pairing.base.output.folder), f"{pairing.base.name}-compare") if out is None else Path(out)
    make_result_folder(parent)
    both = Both(pairing, parent, engines or {}, languages, watching or Watching())
    test: Test = FixedTest()
    if stop_early:
        test = SequentialTest(ConfidenceSequence(best_at=max(FIRST_LOOK, pairing.base.design.groups // 2)))
    rows, n_looks = _looked_at(both, planned, read, test)
    taken = planned[:n_looks] if stop_early else ()
    result = comparison_of(both, read, test, rows=rows, looks=taken, stopped=n_looks < len(planned))
    write_comparison(result, both)
    return result


def _looked_at(
    both: Both, planned: Sequence[int], measures: Sequence[Measure], test: Test
) -> tuple[list[Difference], int]:
    """Run as far as it takes: differences at the last look, and how many looks it took."""
    for n_looks, look in enumerate(planned, start=1):
        both.play(look)
        both.watching.on_message(Message("Comparing", kind="step"))
        rows = both.rows(measures, test)
        if n_looks == len(planned) or all(row.verdict != "undecided" for row in rows if row.subset == EVERYBODY):
            return rows, n_looks
    raise ValueError("planned: no look; expected at least one")


def comparison_of(
    both: Both,
    measures: Sequence[Measure],
    test: Test,
    *,
    rows: Sequence[Difference] | None = None,
    looks: tuple[int, ...] = (),
    stopped: bool = False,
) -> Comparison:
    """The comparison of two pipelines that have been run. rows: its differences, where they are known already."""
    return Comparison(
        both.pairing,
        both.folder,
        both.n_groups,
        tuple(both.rows(measures, test) if rows is None else rows),
        tuple(both.costs()),
        tuple(both.examples()),
        both.likeness(),
        looks=looks,
        stopped=stopped,
    )


def with_margins(measures: Sequence[Measure], margins: Mapping[str, str]) -> list[Measure]:
    """The measures with these margins in place of the usual ones. Raises InputError."""
    names = [measure.name for measure in measures]
    for name in margins:
        if name not in names:
            raise InputError(f"margin of {name!r}: is not read; expected one of {', '.join(names)}")
    return [
        Measure(each.name, each.unit, parse_margin(margins[each.name], each)) if each.name in margins else each
        for each in measures
    ]


def looks_at(pairing: Pairing) -> tuple[int, ...]:
    """Numbers of groups at which a comparison is looked at. Raises ArgumentError where it cannot be."""
    n_groups = pairing.base.design.groups
    if any(isinstance(each.latency, ServiceLatencySettings) for each in (pairing.base, pairing.change)):
        raise ArgumentError(
            "stop-early", "with latency.kind service", "sessions wait for one another; expected latency.kind drawn"
        )
    if n_groups < FIRST_LOOK:
        raise ArgumentError("stop-early", f"with design.groups {n_groups}", f"expected at least {FIRST_LOOK} groups")
    return looks(n_groups)


@dataclass
class Both:
    """The runs of both sides so far, a batch of sessions each where it is looked at more than once."""

    pairing: Pairing
    folder: Path
    engines: Mapping[str, Engine]
    languages: Sequence[Language]
    watching: Watching
    n_groups: int = 0
    runs: tuple[list[Run], list[Run]] = field(default_factory=lambda: ([], []))
    _shared: Shared = field(default_factory=Shared)
    _scores: dict[tuple[int, str], tuple[pd.DataFrame, pd.DataFrame]] = field(default_factory=dict)  # by groups and arm

    def play(self, n_groups: int) -> None:
        """Run what is missing of so many groups on both sides."""
        sessions = [session_id(index) for index in range(self.n_groups, n_groups)]
        whole = n_groups == self.pairing.base.design.groups and not self.n_groups
        for side, scenario, runs in zip(SIDES, (self.pairing.base, self.pairing.change), self.runs, strict=True):
            name = side if whole else f"{side}/groups-{self.n_groups + 1:04d}-{n_groups:04d}"
            runs.append(
                run(
                    scenario,
                    out=self.folder / name,
                    only=() if whole else sessions,
                    engines={name: engine for name, engine in self.engines.items() if name in scenario.engines},
                    languages=self.languages,
                    shared=self._shared,
                    on_begin=self.watching.on_begin,
                    on_progress=self.watching.on_progress,
                    on_message=self.watching.on_message,
                )
            )
        self.n_groups = n_groups

    def scores(self, arm: ArmPair) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`round_scores` of base and change."""
        of = self.n_groups, arm.name
        if of not in self._scores:
            self._scores[of] = round_scores(self.runs[0], arm.base), round_scores(self.runs[1], arm.change)
        return self._scores[of]

    def rows(self, measures: Sequence[Measure], test: Test) -> list[Difference]:
        return adjusted(
            [row for arm in self.pairing.arms for row in differences(arm.name, *self.scores(arm), measures, test=test)]
        )

    def costs(self) -> Iterator[Cost]:
        for arm in self.pairing.arms:
            sides = round_costs(self.runs[0], arm.base), round_costs(self.runs[1], arm.change)
            both = sides[0].merge(sides[1], on=ROUND, suffixes=("|base", "|change"))
            for name in COSTS:
                there = both.dropna(subset=[f"{name}|{side}" for side in SIDES])
                base, change = (there[f"{name}|{side}"].to_numpy(dtype=float) for side in SIDES)
                if len(there) and (base.any() or change.any()):
                    group = pd.factorize(there["session_id"])[0]
                    yield Cost(arm.name, name, float(base.mean()), float(change.mean()), mean(change - base, group))

    def examples(self) -> list[ChangedRound]:
        return [each for arm in self.pairing.arms for each in most_changed(arm, self.scores(arm), self.runs)]

    def likeness(self) -> Likeness:
        opinions = [pd.concat([run.opinions for run in runs]).set_index("opinion_id")["text"] for runs in self.runs]
        rounds = [pd.concat([run.rounds for run in runs])["round_id"] for runs in self.runs]
        there = set(rounds[0]) & set(rounds[1])
        texts = [each[each.index.str.rsplit("-", n=1).str[0].isin(there)] for each in opinions]
        all_of_them = texts[0].index.union(texts[1].index)
        same = (texts[0].reindex(all_of_them) == texts[1].reindex(all_of_them)).sum()
        statements = [same_statements(arm, self.runs) for arm in self.pairing.arms]
        return Likeness(
            len(all_of_them), int(same), sum(n for n, _ in statements), sum(n_same for _, n_same in statements)
        )


# --- what is written -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DifferenceRecord:
    """A row of ``differences``: see `Difference`."""

    arm: str
    subset: str
    measure: str
    unit: str
    margin: float
    base: float
    change: float
    difference: float
    low: float | None
    high: float | None
    groups: int
    n_rounds: int
    n_excluded: int
    verdict: str
    p_value: float
    p_holm: float
    p_margin: float
    p_margin_holm: float
    groups_needed: int | None
    narrower: float | None


def records(rows: Sequence[Difference]) -> list[DifferenceRecord]:
    """Differences as flat rows."""
    return [_record(row) for row in rows]


def _record(row: Difference) -> DifferenceRecord:
    low, high = row.difference.interval or (None, None)
    return DifferenceRecord(
        arm=row.arm,
        subset=row.subset,
        measure=row.measure.name,
        unit=row.measure.unit,
        margin=row.measure.margin,
        base=row.base,
        change=row.change,
        difference=row.difference.value,
        low=low,
        high=high,
        groups=row.difference.n,
        n_rounds=row.n_rounds,
        n_excluded=row.n_excluded,
        verdict=row.verdict,
        p_value=row.p_value,
        p_holm=row.p_holm,
        p_margin=row.p_margin,
        p_margin_holm=row.p_margin_holm,
        groups_needed=row.groups_needed,
        narrower=row.narrower,
    )


def write_comparison(result: Comparison, both: Both) -> None:
    """``differences`` and ``rounds``, the manifest last. Raises StorageError."""
    import pyarrow as pa

    write_records(result.folder, "differences", records(result.rows), record_type=DifferenceRecord)
    tables = [
        scores.assign(arm=arm.name, side=side)
        for arm in both.pairing.arms
        for side, scores in zip(SIDES, both.scores(arm), strict=True)
    ]
    rounds = pd.concat(tables, ignore_index=True)
    table = pa.Table.from_pandas(rounds, preserve_index=False).replace_schema_metadata()
    write_table(result.folder, "rounds", table)
    write_manifest(result.folder, "compare", as_document(result))


def as_document(result: Comparison) -> dict[str, Any]:
    """The result for other programs."""
    pairing = result.pairing
    return {
        "base": json.loads(pairing.base.model_dump_json()),
        "change": json.loads(pairing.change.model_dump_json()),
        "changes": list(pairing.changes),
        "notes": list(pairing.notes),
        "arms": [asdict(arm) for arm in pairing.arms],
        "untouched": list(pairing.untouched),
        "folder": str(result.folder),
        "groups": result.n_groups,
        "looks": list(result.looks),
        "stopped": result.stopped,
        "likeness": asdict(result.likeness),
        "differences": [asdict(record) for record in records(result.rows)],
        "costs": [asdict(cost) for cost in result.costs],
        "examples": [{**asdict(example), "difference": example.difference} for example in result.examples],
    }
