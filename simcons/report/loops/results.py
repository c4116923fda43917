"""The contents of the page of a loop, and the order in which arms are looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simcons.analysis.resampling import Estimate

Writer: TypeAlias = Literal["fine-tuned", "prompted", "scripted", "exploit", "written beforehand", "own pipeline"]

ALL = "all"  # rounds; the others are those of a split of the questions, divisive ones and those that are not
HELD_OUT = "ood_test"  # rounds on topics that nothing was learnt from
RATED, TRUE, UNANIMOUS = "agreement", "true_agreement", "unanimous"


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of an evaluation.

    engine: the language model that writes, where one does; iteration: of a fine-tuned one, from 1. scorer: what chooses among
    the samples; None where the first is shown. learnt: the scorer is a reward model of the loop.
    """

    name: str
    writer: Writer
    samples: int
    engine: str | None = None
    iteration: int | None = None
    scorer: str | None = None
    learnt: bool = False
    upper_bound: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """The mean of an arm by a measure, over some of the rounds."""

    arm: str
    part: str
    measure: str
    n_rounds: int
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Contest:
    """The share of rounds in which one arm is ahead of another by a measure, a tie counting half."""

    arm: str
    against: str
    part: str
    measure: str
    n_rounds: int
    estimate: Estimate

    @property
    def verdict(self) -> Literal["ahead", "behind", "level", "unknown"]:
        """Where its whole interval lies: above one half, below, on both sides; unknown without an interval."""
        if self.estimate.interval is None:
            return "unknown"
        low, high = self.estimate.interval
        return "ahead" if low > 0.5 else "behind" if high < 0.5 else "level"


@dataclass(frozen=True, slots=True)
class BestOf:
    """The best of n samples of an arm by its own scores: a measure of it, in points.

    measure: proxy, the score; rating, where what is best was shown; truth. wins: the share of rounds in which it is ahead of one
    more sample; nats: the bound on how far what is shown is from what is sampled.
    """

    arm: str
    n: int
    measure: Literal["proxy", "rating", "truth"]
    estimate: Estimate
    wins: Estimate | None
    nats: float


@dataclass(frozen=True, slots=True)
class PairAccuracy:
    """The share of pairs of statements that something puts in a person's own order, by their ratings or by the truth.

    by: what does, such as a scorer. statements: which, as a sentence names them.
    """

    by: str
    statements: str
    true: bool
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class AccuracyDifference:
    """How much greater one share of pairs in a person's own order is than another, of the same pairs, which both tell apart."""

    by: str
    against: str
    statements: str
    true: bool
    estimate: Estimate

    def turned(self) -> AccuracyDifference:
        """The same from the other side."""
        return AccuracyDifference(self.against, self.by, self.statements, self.true, self.estimate.negated())


@dataclass(frozen=True, slots=True)
class Evaluated:
    """An evaluation that is done."""

    stage: str
    arms: Sequence[Arm]
    n_rounds: int
    n_groups: int
    levels: Sequence[Level]
    contests: Sequence[Contest]
    best_of: Sequence[BestOf] = ()
    accuracies: Sequence[PairAccuracy] = ()
    differences: Sequence[AccuracyDifference] = ()

    @property
    def parts(self) -> list[str]:
        """The kinds of rounds that are there, all together first."""
        return sorted(dict.fromkeys(level.part for level in self.levels), key=lambda part: part != ALL)

    @property
    def measures(self) -> list[str]:
        return list(dict.fromkeys(level.measure for level in self.levels))

    def level(self, arm: str, measure: str, part: str = ALL) -> Level | None:
        rows = (row for row in self.levels if (row.arm, row.measure, row.part) == (arm, measure, part))
        return next(rows, None)

    def contest(self, arm: str, against: str, measure: str, part: str = ALL) -> Contest | None:
        """The contest of two arms, turned round where it was held the other way."""
        for row in self.contests:
            if (row.measure, row.part) == (measure, part):
                if (row.arm, row.against) == (arm, against):
                    return row
                if (row.arm, row.against) == (against, arm):
                    return turned(row)
        return None

    @property
    def prompted(self) -> list[Arm]:
        """Language models that are told what to do by their prompt alone, one sample before the best of several."""
        return sorted(self._by("prompted"), key=lambda arm: arm.scorer is not None)

    @property
    def tuned(self) -> Arm | None:
        """The mediator that was fine-tuned last, one sample shown as it comes; else the first arm that it writes for."""
        return min(self._last_tuned(), key=lambda arm: arm.scorer is not None, default=None)

    @property
    def rival(self) -> Arm | None:
        """The arm that the fine-tuned mediator is held against first: a prompted one, else the arm that all are held against."""
        against = [row.against for row in self.contests]
        prompted = sorted(self.prompted, key=lambda arm: arm.name not in against)
        others = [arm for arm in self.arms if arm.name in against and arm.writer != "fine-tuned"]
        return next(iter([*prompted, *others]), None)

    @property
    def reranked(self) -> list[tuple[Arm, Arm]]:
        """Arms that a reward model of the loop chooses for, each after the arm that shows one sample of the same writer.

        Those of the mediator that was fine-tuned last, if there are any.
        """
        tuned = self._last_tuned()
        pairs = [
            (arm, plain)
            for arm in self.arms
            for plain in self.arms
            if arm.learnt and plain.scorer is None and (arm.writer, arm.engine) == (plain.writer, plain.engine)
        ]
        return [pair for pair in pairs if pair[0] in tuned] or pairs

    @property
    def trained(self) -> Arm | None:
        """The loop's own arm in the end: the fine-tuned mediator with the reward model that chooses for it, else alone."""
        chosen = [arm for arm, _ in self.reranked if arm.writer == "fine-tuned"]
        return next(iter(chosen), self.tuned)

    @property
    def before(self) -> Arm | None:
        """What the loop's own arm is held against: the rival, else one sample of the same mediator."""
        return self.rival or next((plain for arm, plain in self.reranked if arm == self.trained), None)

    @property
    def bounds(self) -> list[Arm]:
        """Arms that choose by the truth among what the loop's own arm chooses among."""
        own = self.trained
        return [
            arm for arm in self.arms if own and arm.upper_bound and (arm.writer, arm.engine) == (own.writer, own.engine)
        ]

    @property
    def mediators(self) -> list[Arm]:
        """All arms but exploits, which have a figure of their own."""
        return [arm for arm in self.arms if arm.writer != "exploit"]

    @property
    def exploits(self) -> list[Arm]:
        return self._by("exploit")

    def _last_tuned(self) -> list[Arm]:
        tuned = self._by("fine-tuned")
        last = max((arm.iteration or 0 for arm in tuned), default=0)
        return [arm for arm in tuned if (arm.iteration or 0) == last]

    def _by(self, writer: Writer) -> list[Arm]:
        return [arm for arm in self.arms if arm.writer == writer and not arm.upper_bound]


def turned(contest: Contest) -> Contest:
    """The same contest from the other side."""
    of = contest.estimate
    ends = None if of.interval is None else (1 - of.interval[1], 1 - of.interval[0])
    estimate = Estimate(1 - of.value, ends, of.error, of.n)
    return Contest(contest.against, contest.arm, contest.part, contest.measure, contest.n_rounds, estimate)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Ratings of a share of the scale that were predicted alike."""

    predicted: float
    rating: Estimate


@dataclass(frozen=True, slots=True)
class Training:
    """A training stage, begun or done.

    data: the stage that it learns from. losses, held_out_losses: by step. steps: done so far. kept: the step whose weights were
    kept, None before the end. begun_from: a model or an earlier stage. reads_opinion: a reward model reads the opinion of whom it
    judges for. sizes: name and value, as a table prints them.
    """

    stage: str
    kind: Literal["sft", "reward"]
    data: str
    losses: Sequence[tuple[int, float]]
    held_out_losses: Sequence[tuple[int, float]]
    steps: int
    kept: int | None
    begun_from: str = ""
    reads_opinion: bool = False
    sizes: Sequence[tuple[str, str]] = ()
    accuracies: Sequence[PairAccuracy] = ()
    reliability: Sequence[ReliabilityBin] = ()


@dataclass(frozen=True, slots=True)
class Lessons:
    """Training data that is made. by: examples to learn from, by the arm that wrote them; scripted: those of a script; as_judged:
    those that were composed through the reader by which people judge.
    """

    stage: str
    by: Mapping[str, int]
    scripted: int
    counts: Mapping[str, Mapping[str, int]]  # by side
    as_judged: int = 0

    @property
    def n_examples(self) -> int:
        return sum(self.by.values())


@dataclass(frozen=True, slots=True)
class ShownStatement:
    """A statement of a round, and each person's mean rating of it.

    ratings: in the order of the opinions, None where there is none; others: of those who wrote none. rated, true: means of all.
    """

    arm: str
    text: str
    ratings: Sequence[float | None]
    others: Sequence[float]
    rated: float | None
    true: float | None


@dataclass(frozen=True, slots=True)
class RoundShown:
    """A round to be read: its opinions, each after its author's position, and statements, that of before first."""

    round_id: str
    split: str
    question: str
    opinions: Sequence[tuple[int | None, str]]
    statements: Sequence[ShownStatement]


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage in a table: its place, name, kind and state, how large it is or how far it has come, and the seconds it took."""

    place: int
    name: str
    kind: str
    state: str
    extent: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class LoopResults:
    """A loop as far as it has come. toy: the stages whose models were made on the spot, to rehearse. models: what was trained."""

    name: str
    description: str
    finished: bool
    command: str  # that goes on with it
    logs: str
    stages: Sequence[StageLine]
    lessons: Sequence[Lessons]
    trainings: Sequence[Training]
    evaluations: Sequence[Evaluated]
    rounds: Sequence[RoundShown]
    models: Sequence[str]
    toy: bool
    settings: Sequence[tuple[str, str]]
    provenance: Sequence[tuple[str, str]]

    @property
    def last(self) -> Evaluated | None:
        """The last evaluation, which findings are of."""
        return self.evaluations[-1] if self.evaluations else None
