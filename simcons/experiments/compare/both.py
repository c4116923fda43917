"""Both sides of a comparison: run one after another on the same people, as far as it takes, and gone on with if stopped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from simcons.analysis.rated import Rated
from simcons.analysis.resampling import Estimate, mean
from simcons.analysis.sequential import FIRST_LOOK, ConfidenceSequence, looks
from simcons.engines.base import Engine
from simcons.errors import ArgumentError, RunFolderError
from simcons.experiments.compare.differences import (
    Difference,
    FixedTest,
    SequentialTest,
    Test,
    adjusted,
    differ_in_what_is_there,
    differences,
    together,
)
from simcons.experiments.compare.examples import ChangedRound, Shown, most_changed, same_statements, shown_by
from simcons.experiments.compare.measures import SHOWN, Measure
from simcons.experiments.compare.pairing import ArmPair, Pairing, changed_keys
from simcons.experiments.compare.scores import EVERYBODY, ROUND, round_costs, round_scores
from simcons.json_files import read_object
from simcons.languages.language import Language
from simcons.messages import Message
from simcons.runs.progress import RunProgress
from simcons.runs.provenance import check_finished
from simcons.runs.shared import Shared
from simcons.runs.start import resume, run
from simcons.scenario.study import Scenario
from simcons.storage.disk import storage_errors, write_whole
from simcons.storage.layout import START
from simcons.storage.load import Run, load
from simcons.storage.results import make_result_folder
from simcons.storage.start import is_finished
from simcons.study.recruitment import session_id

SIDES = ("base", "change")
COSTS = ("words", "requests", "tokens_in", "tokens_out", "minutes", "complete")
_BEGUN = "begun.json"  # the two scenarios, written before anything is run


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a round, a mean over those that both began: words of a statement; requests and tokens of all mediators; minutes
    from its beginning to its end; complete: the share that was finished; price: of all calls of the study, over all its rounds,
    without an interval.
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


@dataclass(frozen=True, slots=True)
class Watching:
    """Who is told how the runs get on. on_folder: called with the folder of the whole once it is made, which holds them."""

    on_begin: Callable[[Path], None] = lambda folder: None
    on_progress: Callable[[RunProgress], None] = lambda progress: None
    on_message: Callable[[Message], None] = lambda message: None
    on_folder: Callable[[Path], None] = lambda folder: None

    def within(self, name: str) -> Watching:
        """The same for a part of the whole: each message after the name of the part, whose folder is none of its own."""

        def on_message(message: Message) -> None:
            self.on_message(Message(f"{name}: {message.text}", kind=message.kind))

        return replace(self, on_message=on_message, on_folder=lambda folder: None)


@dataclass(frozen=True, slots=True)
class Reading:
    """The measures that are read, by which test, and the numbers of groups after which they are looked at."""

    measures: tuple[Measure, ...]
    test: Test
    planned: tuple[int, ...]

    @classmethod
    def of(cls, pairing: Pairing, measures: Sequence[Measure], *, stop_early: bool = False) -> Reading:
        """At the end, or, where it may stop early, by a confidence sequence. Raises ArgumentError where it cannot stop."""
        n_groups = pairing.base.design.groups
        if not stop_early:
            return cls(tuple(measures), FixedTest(), (n_groups,))
        planned = _looks_at(pairing)
        test = SequentialTest(ConfidenceSequence(best_at=max(FIRST_LOOK, n_groups // 2)))
        return cls(tuple(measures), test, planned)


def _looks_at(pairing: Pairing) -> tuple[int, ...]:
    """Numbers of groups at which a comparison is looked at. Raises ArgumentError where it cannot be."""
    n_groups = pairing.base.design.groups
    if pairing.base.couples_sessions or pairing.change.couples_sessions:
        raise ArgumentError(
            "stop-early", "with latency.kind service", "sessions wait for one another; expected latency.kind drawn"
        )
    if n_groups < FIRST_LOOK:
        raise ArgumentError("stop-early", f"with design.groups {n_groups}", f"expected at least {FIRST_LOOK} groups")
    return looks(n_groups)


def _sides(pairing: Pairing) -> Iterator[tuple[str, Scenario]]:
    yield from zip(SIDES, (pairing.base, pairing.change), strict=True)


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
    shared: Shared = field(default_factory=Shared)
    _rated: tuple[list[Rated], list[Rated]] = field(default_factory=lambda: ([], []))
    _shown: dict[tuple[int, str], tuple[Shown, Shown]] = field(default_factory=dict)  # by groups and arm
    _scores: dict[tuple[int, str], tuple[pd.DataFrame, pd.DataFrame]] = field(default_factory=dict)  # by groups and arm

    def take_folder(self, *, stop_early: bool = False) -> None:
        """Make its folder, or take that of the same comparison, to go on with it.

        Raises RunFolderError where it holds anything else.
        """
        begun = self.folder / _BEGUN
        sides = {side: json.loads(scenario.model_dump_json()) for side, scenario in _sides(self.pairing)}
        document = {**sides, "stop_early": stop_early}
        if not begun.exists():
            make_result_folder(self.folder)
            with storage_errors(begun):
                write_whole(begun, json.dumps(document, indent=2, ensure_ascii=False).encode())
        elif read_object(begun, RunFolderError, "the beginning of a comparison") != document:
            raise RunFolderError(
                f"output {self.folder}: holds another comparison; expected a new folder, or that of this one"
            )
        self.watching.on_folder(self.folder)

    def play(self, n_groups: int) -> None:
        """Run what is missing of so many groups on both sides."""
        for place in range(len(SIDES)):
            self._play_side(place, n_groups)
        self.n_groups = n_groups

    def play_beside(self, other: Both) -> None:
        """Run all groups. Where another comparison that was run has the same base, its runs of it are taken."""
        n_groups = self.pairing.base.design.groups
        if other.n_groups == n_groups and not changed_keys(other.pairing.base, self.pairing.base):
            self.runs[0].extend(other.runs[0])
        else:
            self._play_side(0, n_groups)
        self._play_side(1, n_groups)
        self.n_groups = n_groups

    def _play_side(self, place: int, n_groups: int) -> None:
        side, scenario = SIDES[place], (self.pairing.base, self.pairing.change)[place]
        sessions = [session_id(index) for index in range(self.n_groups, n_groups)]
        whole = n_groups == self.pairing.base.design.groups and not self.n_groups
        name = side if whole else f"{side}/groups-{self.n_groups + 1:04d}-{n_groups:04d}"
        self.runs[place].append(self._run(scenario, self.folder / name, () if whole else sessions))

    def play_until_decided(self, reading: Reading) -> tuple[list[Difference], tuple[int, ...]]:
        """Run as far as it takes: differences at the last look, and the looks that it took."""
        for n_looks, look in enumerate(reading.planned, start=1):
            self.play(look)
            self.watching.on_message(Message("Comparing", kind="step"))
            rows = self.rows(reading.measures, reading.test)
            decided = all(row.verdict != "undecided" for row in rows if row.subset == EVERYBODY)
            if decided or n_looks == len(reading.planned):
                return rows, reading.planned[:n_looks]
        raise ValueError("reading.planned: no look; expected at least one")

    def _run(self, scenario: Scenario, folder: Path, only: Sequence[str]) -> Run:
        """A run, or what was begun of it before, gone on with. A finished one is taken as it is.

        Raises RunFolderError where what it reads, or the code of a pipeline, is not what it was.
        """
        engines = {name: engine for name, engine in self.engines.items() if name in scenario.engines}
        watching = {
            "on_begin": self.watching.on_begin,
            "on_progress": self.watching.on_progress,
            "on_message": self.watching.on_message,
        }
        if not (folder / START).exists():
            return run(
                scenario,
                out=folder,
                only=only,
                engines=engines,
                languages=self.languages,
                shared=self.shared,
                **watching,  # type: ignore[arg-type]
            )
        self.shared.folders.append(folder)
        if is_finished(folder):
            finished = load(folder)
            check_finished(finished, scenario)
            return finished
        return resume(folder, engines=engines, languages=self.languages, **watching)  # type: ignore[arg-type]

    def known_engines(self, scenario: Scenario) -> dict[str, Engine]:
        """The engines that were given or loaded for the runs, as a scenario has them."""
        return {**self.engines, **self.shared.engines_for(scenario)}

    def scores(self, arm: ArmPair) -> tuple[pd.DataFrame, pd.DataFrame]:
        """`round_scores` of base and change."""
        of = self.n_groups, arm.name
        if of not in self._scores:
            self._scores[of] = round_scores(self._rated_by(0), arm.base), round_scores(self._rated_by(1), arm.change)
        return self._scores[of]

    def _shown_by(self, arm: ArmPair) -> tuple[Shown, Shown]:
        """The texts that either side's arm showed."""
        of = self.n_groups, arm.name
        if of not in self._shown:
            self._shown[of] = shown_by(arm.base, self.runs[0]), shown_by(arm.change, self.runs[1])
        return self._shown[of]

    def _rated_by(self, place: int) -> list[Rated]:
        """The runs of one side, each opened once. Raises RunFolderError."""
        rated = self._rated[place]
        rated.extend(map(Rated.of_run, self.runs[place][len(rated) :]))
        return rated

    def rows(self, measures: Sequence[Measure], test: Test) -> list[Difference]:
        """Differences in ``measures``, and in how often there was a statement where that differs."""
        return adjusted([row for arm in self.pairing.arms for row in self._rows_of(arm, measures, test)])

    def _rows_of(self, arm: ArmPair, measures: Sequence[Measure], test: Test) -> list[Difference]:
        base, change = self.scores(arm)
        differ = SHOWN.name not in [measure.name for measure in measures] and differ_in_what_is_there(
            together(base, change)
        )
        return differences(arm.name, base, change, [*measures, SHOWN] if differ else measures, test=test)

    def costs(self) -> Iterator[Cost]:
        for arm in self.pairing.arms:
            sides = round_costs(self._rated_by(0), arm.base), round_costs(self._rated_by(1), arm.change)
            both = sides[0].merge(sides[1], on=ROUND, suffixes=("|base", "|change"))
            for name in COSTS:
                there = both.dropna(subset=[f"{name}|{side}" for side in SIDES])
                base, change = (there[f"{name}|{side}"].to_numpy(dtype=float) for side in SIDES)
                if len(there) and (base.any() or change.any()):
                    group = pd.factorize(there["session_id"])[0]
                    yield Cost(arm.name, name, float(base.mean()), float(change.mean()), mean(change - base, group))
            before, after = (_price_a_round(runs) for runs in self.runs)
            if before or after:
                yield Cost(arm.name, "price", before, after, Estimate(after - before, None, None, self.n_groups))

    def examples(self) -> list[ChangedRound]:
        questions = {str(row.round_id): str(row.question) for run in self.runs[0] for row in run.rounds.itertuples()}
        return [
            each
            for arm in self.pairing.arms
            for each in most_changed(arm, self.scores(arm), self._shown_by(arm), questions)
        ]

    def likeness(self) -> Likeness:
        opinions = [pd.concat([run.opinions for run in runs]).set_index("opinion_id")["text"] for runs in self.runs]
        rounds = [pd.concat([run.rounds for run in runs])["round_id"] for runs in self.runs]
        there = set(rounds[0]) & set(rounds[1])
        texts = [each[each.index.str.rsplit("-", n=1).str[0].isin(there)] for each in opinions]
        all_of_them = texts[0].index.union(texts[1].index)
        same = (texts[0].reindex(all_of_them) == texts[1].reindex(all_of_them)).sum()
        statements = [same_statements(self._shown_by(arm)) for arm in self.pairing.arms]
        return Likeness(
            len(all_of_them), int(same), sum(n for n, _ in statements), sum(n_same for _, n_same in statements)
        )


def _price_a_round(runs: Sequence[Run]) -> float:
    n_rounds = sum(len(run.rounds) for run in runs)
    price = sum(account["price"] for run in runs for account in run.manifest["calls"])
    return float(price / n_rounds) if n_rounds else 0.0
