"""The findings of a loop, three at most, and its cautions, the strongest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from simcons.analysis.resampling import Estimate
from simcons.counted import counted, listed
from simcons.report.loops.results import (
    HELD_OUT,
    RATED,
    TRUE,
    AccuracyDifference,
    BestOf,
    Contest,
    Evaluated,
    Level,
    LoopResults,
    Training,
)

Topic: TypeAlias = Literal["tuning", "reranking", "truth", "room"]

_MOST = 3  # findings
_FEW = 12  # groups, below which an interval says little
_HALF = 50


@dataclass(frozen=True, slots=True)
class LoopFinding:
    """A sentence, and what it is about: the figure beside it shows that."""

    topic: Topic
    sentence: str


def scope(results: LoopResults) -> str:
    """A sentence on the models, their data and their evaluation."""
    done = sum(stage.state == "done" for stage in results.stages)
    progress = "" if results.finished else f" Under way: {done} of {counted(len(results.stages), 'stage')} done."
    parts = [*_trained_on(results), *_tried(results)]
    nothing = "Nothing was trained" if results.finished else "Nothing is trained yet"
    return f"{'. '.join(parts) or nothing}.{progress}"


def _trained_on(results: LoopResults) -> Iterator[str]:
    n_mediators, n_rewards = (
        sum(training.kind == kind for training in results.trainings) for kind in ("sft", "reward")
    )
    if not results.trainings:
        return
    made = [counted(n_mediators, "mediator")] * bool(n_mediators) + [counted(n_rewards, "reward model")] * bool(
        n_rewards
    )
    on = f" from {listed(results.models)}" if results.models else ""
    yield f"Trained{on}: {listed(made)}"
    if (written := _learnt_from(results, "sft")) is not None:
        yield f"The last mediator learns from {counted(written.get('sft', 0), 'statement')}"
    if (judged := _learnt_from(results, "reward")) is not None:
        yield (
            f"The last reward model learns from {counted(judged.get('comparisons', 0), 'comparison')} by"
            f" {judged.get('people', 0):,} simulated people of {counted(judged.get('groups', 0), 'group')}"
        )


def _learnt_from(results: LoopResults, kind: Literal["sft", "reward"]) -> Mapping[str, int] | None:
    """The sizes of what the last training of a kind learns from; None where there is none."""
    data = next((training.data for training in reversed(results.trainings) if training.kind == kind), None)
    return next((lessons.counts.get("learn", {}) for lessons in results.lessons if lessons.stage == data), None)


def _tried(results: LoopResults) -> Iterator[str]:
    if (last := results.last) is not None:
        yield (
            f"Tried on other people: {counted(last.n_rounds, 'round')} of {counted(last.n_groups, 'group')},"
            f" {counted(len(last.arms), 'arm')} ({last.stage})"
        )


# --- findings ----------------------------------------------------------------------------------------------------


def findings(results: LoopResults) -> list[LoopFinding]:
    """Of the last evaluation: what fine-tuning brings, what choosing by the reward model adds, what the truth says.

    Where nothing was fine-tuned against a rival, how far choosing by the truth would go is the third.
    """
    evaluation = results.last
    if evaluation is None:
        return []
    told = [*_tuning(evaluation), *_reranking(results, evaluation), *_truth(evaluation)]
    return [*told, *_room(evaluation)][:_MOST]


def _tuning(evaluation: Evaluated) -> Iterator[LoopFinding]:
    tuned, rival = evaluation.tuned, evaluation.rival
    if tuned is None or rival is None:
        return
    rivals = evaluation.prompted or [rival]
    contests = [evaluation.contest(tuned.name, other.name, RATED) for other in rivals]
    clauses = [_compared(contest) for contest in contests if contest is not None]
    if clauses:
        sentence = f"By ratings, the fine-tuned mediator ({tuned.name}) {'; it '.join(clauses)}."
        yield LoopFinding(
            "tuning", f"{sentence}{_held_out(evaluation.contest(tuned.name, rival.name, RATED, HELD_OUT))}"
        )


def _reranking(results: LoopResults, evaluation: Evaluated) -> Iterator[LoopFinding]:
    by_choice: dict[str, list[Contest]] = {}
    for arm, plain in evaluation.reranked:
        contest = evaluation.contest(arm.name, plain.name, RATED)
        if contest is not None:
            by_choice.setdefault(f"the best of {arm.samples} {arm.writer} statements", []).append(contest)
    if by_choice:
        told = ". ".join(f"{choice}: {_all_compared(contests)}" for choice, contests in by_choice.items())
        heard = "".join(f" {sentence}" for sentence in map(_heard, _opinion_read(results)))
        yield LoopFinding("reranking", f"Choosing by a reward model, {told}.{_more_samples(evaluation)}{heard}")


def _all_compared(contests: Sequence[Contest]) -> str:
    """Contests that came out alike are told together, the others after a semicolon."""
    alike: dict[tuple[str, str], list[Contest]] = {}
    for contest in contests:
        alike.setdefault((contest.verdict, contest.against), []).append(contest)
    clauses = []
    for first, *others in alike.values():
        too = listed([f"{other.arm} in {_percent(other.estimate)}" for other in others])
        so = f", and so {'is' if len(others) == 1 else 'are'} {too}" if others else ""
        clauses.append(f"{first.arm} {_compared(first)}{so}")
    return "; ".join(clauses)


def _held_out(contest: Contest | None) -> str:
    """The same contest on topics that nothing was learnt from."""
    return "" if contest is None else f" On topics held out it {_compared(contest)}."


@dataclass(frozen=True, slots=True)
class _OpinionRead:
    """What reading the opinion is worth by ratings: a reward model that does less one that does not."""

    reads: Training
    blind: Training
    difference: AccuracyDifference

    @property
    def is_told(self) -> bool:
        """Whether the whole interval lies above nought."""
        interval = self.difference.estimate.interval
        return interval is not None and interval[0] > 0


def _opinion_read(results: LoopResults) -> Iterator[_OpinionRead]:
    by_name = {training.stage: training for training in results.trainings if training.kind == "reward"}
    for row in results.last.differences if results.last is not None else ():
        for one in (row, row.turned()):
            reads, blind = by_name.get(one.by), by_name.get(one.against)
            if reads and blind and reads.reads_opinion and not blind.reads_opinion and not one.true:
                yield _OpinionRead(reads, blind, one)


def _heard(told: _OpinionRead) -> str:
    """How many more pairs a reward model orders than one that reads no opinion, and in what else the two differ."""
    blind, begun_from = told.blind, told.blind.begun_from
    apart = f" and began from {begun_from}, not {told.reads.begun_from}" if begun_from != told.reads.begun_from else ""
    return (
        f"Of pairs of {told.difference.statements}, {told.reads.stage} orders {_more(told.difference.estimate)} as people rate"
        f" them than {blind.stage}, which reads no opinion{apart}."
    )


def _more(difference: Estimate) -> str:
    """A difference of shares: "4.9 percentage points (1.9 to 7.8) more"."""
    less = difference.value < 0
    shown = difference.negated() if less else difference
    ends = "" if shown.interval is None else " ({:.1f} to {:.1f})".format(*(100 * end for end in shown.interval))
    return f"{100 * shown.value:.1f} percentage points{ends} {'fewer' if less else 'more'}"


def _more_samples(evaluation: Evaluated) -> str:
    """The change of the first arm's own score and of the truth, from the fewest samples to the most."""
    first = evaluation.reranked[0][0].name
    proxy, truth = (
        sorted((row for row in evaluation.best_of if (row.arm, row.measure) == (first, measure)), key=lambda row: row.n)
        for measure in ("proxy", "truth")
    )
    if len(proxy) < 2 or len(truth) < 2:
        return ""
    return (
        f" From {proxy[0].n} to {proxy[-1].n} samples of {first} the score goes {_from_to(proxy)},"
        f" the truth {_from_to(truth)}."
    )


def _from_to(rows: Sequence[BestOf]) -> str:
    return f"from {rows[0].estimate.value:.2f} to {rows[-1].estimate.value:.2f}"


def _truth(evaluation: Evaluated) -> Iterator[LoopFinding]:
    by_rating, by_truth = _both(evaluation)
    if by_rating is None or by_truth is None:
        return
    agree = by_rating.verdict == by_truth.verdict and by_truth.verdict != "unknown"
    opening = "Truth and ratings say the same" if agree else "Truth and ratings do not say the same"
    if by_truth.verdict == "unknown":
        opening = "Of the truth"
    yield LoopFinding(
        "truth",
        f"{opening}: by what people truly hold, before any noise, {by_truth.arm} {_compared(by_truth)};"
        f" by ratings it is ahead in {_percent(by_rating.estimate)}.{_in_points(evaluation, by_truth)}",
    )


def _both(evaluation: Evaluated) -> tuple[Contest | None, Contest | None]:
    """The last mediator of the loop against what it is held against, by ratings and by the truth."""
    trained, rival = evaluation.trained, evaluation.before
    if trained is None or rival is None:
        return None, None
    return tuple(evaluation.contest(trained.name, rival.name, measure) for measure in (RATED, TRUE))  # type: ignore[return-value]


def _in_points(evaluation: Evaluated, contest: Contest) -> str:
    """The means behind a contest by the truth."""
    means = [evaluation.level(arm, measure) for arm in (contest.against, contest.arm) for measure in (TRUE, RATED)]
    if None in means:
        return ""
    true, rated, true_after, rated_after = (level.estimate.value for level in means if level is not None)
    return (
        f" From {contest.against} to {contest.arm} mean true agreement goes from {true:.2f} to {true_after:.2f}, mean rating from"
        f" {rated:.2f} to {rated_after:.2f}."
    )


def _room(evaluation: Evaluated) -> Iterator[LoopFinding]:
    """How far choosing by the truth goes, beside the loop's own arm, where both choose among what one mediator writes."""
    trained, before = evaluation.trained, evaluation.before
    for bound in evaluation.bounds:
        own = trained and before and evaluation.contest(trained.name, before.name, TRUE)
        best = before and evaluation.contest(bound.name, before.name, TRUE)
        if own and best:
            yield LoopFinding(
                "room",
                f"What choosing could bring: by what people truly hold {bound.name}, which sees the truth,"
                f" {_compared(best)}; {own.arm} is in {_percent(own.estimate)}.",
            )


def _compared(contest: Contest) -> str:
    """The result of an arm against another, to follow its name."""
    share = _percent(contest.estimate)
    if contest.verdict == "ahead":
        return f"is ahead of {contest.against} in {share}"
    if contest.verdict == "behind":
        return f"is behind {contest.against}: ahead of it in only {share}"
    if contest.verdict == "level":
        return f"cannot be told from {contest.against}: ahead of it in {share}"
    return f"is ahead of {contest.against} in {share}; there is no interval"


def _percent(estimate: Estimate) -> str:
    """ "64% of rounds (57% to 71%)"; with a decimal where an end would seem to lie at one half."""
    if estimate.interval is None:
        return f"{100 * estimate.value:.0f}% of rounds"
    ends = [100 * end for end in estimate.interval]
    decimals = 1 if any(round(end) == _HALF for end in ends) else 0
    low, high = (f"{end:.{decimals}f}%" for end in ends)
    return f"{100 * estimate.value:.{decimals}f}% of rounds ({low} to {high})"


# --- cautions ----------------------------------------------------------------------------------------------------


def cautions(results: LoopResults) -> list[str]:
    """Cautions, the strongest first; that nobody was asked stands on every page anyway."""
    warnings = [*_toy(results)]
    if (evaluation := results.last) is not None:
        warnings += [*_fallen_truth(evaluation), *_exploited(evaluation), *_unmoved_truth(evaluation)]
    warnings += _distilled(results)
    if evaluation is not None:
        warnings += [*_untold(evaluation), *_no_better_than_length(evaluation)]
        warnings += [*_deaf(results), *_few_groups(evaluation)]
    return warnings


def _toy(results: LoopResults) -> Iterator[str]:
    if results.toy:
        yield "A rehearsal: the models began as random numbers, made on the spot, so that nothing here says what training can do."


def _fallen_truth(evaluation: Evaluated) -> Iterator[str]:
    by_rating, by_truth = _both(evaluation)
    if by_rating and by_truth and (by_rating.verdict, by_truth.verdict) == ("ahead", "behind"):
        yield (
            f"Ratings rose and the truth fell: {by_truth.arm} is rated above {by_truth.against} and truly liked less. What it"
            " has learnt is to please raters."
        )


def _exploited(evaluation: Evaluated) -> Iterator[str]:
    trained = evaluation.trained
    own = evaluation.level(trained.name, RATED) if trained is not None else None
    if trained is None or own is None:
        return
    levels = [evaluation.level(arm.name, RATED) for arm in evaluation.exploits]
    above = [level for level in levels if level is not None and level.estimate.value > own.estimate.value]
    if above:
        named = listed([f"{level.arm} ({level.estimate.value:.2f})" for level in _best_first(above)])
        verb = "is an exploit that is" if len(above) == 1 else "are exploits that are"
        yield (
            f"{named} {verb} rated above {trained.name} ({own.estimate.value:.2f}): what is trained on such ratings for longer"
            " may come to write the like."
        )


def _best_first(levels: Sequence[Level]) -> list[Level]:
    return sorted(levels, key=lambda level: -level.estimate.value)


def _unmoved_truth(evaluation: Evaluated) -> Iterator[str]:
    by_rating, by_truth = _both(evaluation)
    if by_rating and by_truth and by_rating.verdict == "ahead" and by_truth.verdict == "level":
        yield (
            f"The truth is not told to have risen with the ratings: {by_truth.arm} is truly ahead of {by_truth.against} in"
            f" {_percent(by_truth.estimate)}."
        )


def _distilled(results: LoopResults) -> Iterator[str]:
    learnt = {training.data for training in results.trainings if training.kind == "sft"}
    scripted = [lessons for lessons in results.lessons if lessons.scripted and lessons.stage in learnt]
    if scripted:
        worst = max(scripted, key=lambda lessons: lessons.scripted / lessons.n_examples)
        reader = "the very reader that" if worst.as_judged else "another reader than the one that"
        yield (
            f"Distilled from a script: of {worst.n_examples:,} statements to learn in {worst.stage}, {worst.scripted:,} were"
            f" composed of the question bank's claims, as they are found in opinions by {reader} finds them in statements for the"
            " simulated people to judge by: what is learnt so may please them for a reason that people would not share."
        )


def _untold(evaluation: Evaluated) -> Iterator[str]:
    tuned, rival = evaluation.tuned, evaluation.rival
    contest = tuned and rival and evaluation.contest(tuned.name, rival.name, RATED)
    if contest and contest.verdict == "level":
        yield f"Whether {contest.arm} is liked better than {contest.against} is not told: the interval contains one half."


def _no_better_than_length(evaluation: Evaluated) -> Iterator[str]:
    """Of reward models of the loop, on the statements that they choose among."""
    by_ratings = {(row.statements, row.by): row.estimate.value for row in evaluation.accuracies if not row.true}
    judges = {arm.scorer for arm in evaluation.arms if arm.learnt}
    for (statements, by), share in by_ratings.items():
        longer = by_ratings.get((statements, "longest"))
        if by in judges and longer is not None and share <= longer:
            yield (
                f"The reward model {by} orders {100 * share:.0f}% of pairs of {statements} as people do; the longer"
                f" statement alone, {100 * longer:.0f}%."
            )


def _deaf(results: LoopResults) -> Iterator[str]:
    for told in _opinion_read(results):
        if not told.is_told:
            yield f"That the reward model {told.reads.stage} hears whom it judges for is not told: {_heard(told)}"


def _few_groups(evaluation: Evaluated) -> Iterator[str]:
    if evaluation.n_groups < _FEW:
        n = counted(evaluation.n_groups, "group")
        yield f"The evaluation has {n}: a difference that so few do not tell may be there all the same."
