"""What a simulated crowd may be trusted for, held against people: tables and a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator
from math import asin, pi

from simcons.analysis.belief.baselines import WORDS
from simcons.analysis.belief.crowds import PEOPLE, Belief, Conduct
from simcons.analysis.belief.minds import WITH_TOPIC_MEANS, Tried
from simcons.analysis.belief.spread import SD_BOUNDS, Equivalence, Spread
from simcons.analysis.resampling import Estimate
from simcons.counted import counted, listed
from simcons.languages.text import as_sentence
from simcons.report.belief_verdict import HELD_OUT, verdict_sentences
from simcons.report.intervals import NO_ESTIMATE, points, share
from simcons.report.tables import Table

NOT_TESTED = (
    "Not tested here: whether a simulated person agrees with what a person of the same opinion would agree with (--mind). The"
    " correlations without a mind are what that would have to beat."
)


def belief_tables(belief: Belief) -> Iterator[Table]:
    """Baselines and minds, effects, spread, and how answers were given."""
    yield _correlations(belief)
    if belief.effects:
        names = list(belief.effects[0].by)
        yield Table(
            f"What is known of such ratings, in points of {belief.scale}",
            ("", *names),
            [(effect.what, *(points(effect.by[name]) for name in names)) for effect in belief.effects],
            "Slopes within questions; 95% intervals over people. Verdicts as the reader hears them.",
        )
    if belief.spreads:
        low, high = SD_BOUNDS
        yield Table(
            f"Spread of {belief.scale}, {belief.points[0]} to {belief.points[-1]}",
            ("", "SD", "SD ratio", "distance", "verdict"),
            list(_spread_rows(belief)),
            f"90% intervals. Alike: all of the SD ratio's within {low:g} to {high:g}, and the distance's (Wasserstein, in points)"
            f" below {next(iter(belief.spreads.values())).distance.bounds[1]:g}.",
        )
    yield Table(
        "How answers were given",
        ("", "all answers the same", "variance between texts", "r of second ratings", "median seconds"),
        [_conduct_row(PEOPLE, belief.people), *(_conduct_row(label, of) for label, of in belief.conducts.items())],
    )


def _correlations(belief: Belief) -> Table:
    """Minds have a second column beside each r: by how much it is above that of the words of opinions."""
    found = {(one.name, one.held_out): (points(one.r), "") for one in belief.baselines}
    found |= {(one.correlation.name, one.correlation.held_out): _beside(one) for one in belief.minds}
    names = list(dict.fromkeys(name for name, _ in found))
    cells = [[found.get((name, held_out), (NO_ESTIMATE, "")) for held_out in HELD_OUT] for name in names]
    note = (
        "95% intervals over people, or over questions. On questions not seen r is within questions, as nobody knows their level."
        f" {WORDS.capitalize()}: each word weighs by the question and in itself. A mind has to be above these."
    )
    if not belief.minds:
        rows = [(name, *(r for r, _ in row)) for name, row in zip(names, cells, strict=True)]
        title = f"Correlation with people's {belief.scale}, of predictions without a mind"
        return Table(title, ("", *HELD_OUT.values()), rows, note)
    header = ("", *(column for title in HELD_OUT.values() for column in (title, "above words")))
    rows = [(name, *(cell for pair in row for cell in pair)) for name, row in zip(names, cells, strict=True)]
    return Table(f"Correlation with people's {belief.scale}", header, rows, note)


def _beside(one: Tried) -> tuple[str, str]:
    return points(one.correlation.r), points(one.over_words)


def belief_sentences(belief: Belief) -> Iterator[str]:
    """The verdict on each simulated crowd and on each mind, and what cannot be said."""
    yield from spread_sentences(belief)
    yield from conduct_sentences(belief)
    yield from verdict_sentences(belief)
    yield from mind_sentences(belief)
    yield from effect_sentences(belief)
    if not belief.minds:
        yield from baseline_sentences(belief)
        yield NOT_TESTED


def spread_sentences(belief: Belief) -> Iterator[str]:
    """Whether each crowd spreads as people do, and lies where they do."""
    for label, spread in belief.spreads.items():
        yield f"{label}: {_verdict(spread, belief.scale)}"
        if spread.split_half is not None:
            median, most = spread.split_half
            yield (
                f"{label}: lies {points(spread.distance.estimate)} points from people, who by halves lie {median:.2f} apart, and"
                f" more than {most:.2f} in one split of twenty."
            )
    if belief.spreads:
        yield "A crowd that was asked other questions, or shown other statements, may differ for that alone."


def conduct_sentences(belief: Belief) -> Iterator[str]:
    """In what each crowd answers otherwise than people do: measures whose intervals do not overlap."""
    for label, of in belief.conducts.items():
        pairs = {
            "of people who gave one answer to all": (belief.people.straight_lining, of.straight_lining, share),
            "of the variance between texts": (belief.people.between_texts, of.between_texts, share),
            "as r of second ratings with the first": (belief.people.retest, of.retest, points),
            "seconds a rating": (belief.people.seconds, of.seconds, points),
        }
        told = [
            f"{shown(crowd)} {what}, with people {shown(people)}"
            for what, (people, crowd, shown) in pairs.items()
            if _apart(people, crowd)
        ]
        if told:
            yield f"{label}: answers are given otherwise than people give them: {'; '.join(told)}."


def _apart(one: Estimate | None, other: Estimate | None) -> bool:
    if one is None or other is None or one.interval is None or other.interval is None:
        return False
    return one.interval[1] < other.interval[0] or other.interval[1] < one.interval[0]


def mind_sentences(belief: Belief) -> Iterator[str]:
    """What each mind may be trusted for, and on how many ratings it has nothing to say; first of the one with the highest r."""
    highest: dict[str, float] = {}
    for one in belief.minds:
        if (r := one.correlation.r) is not None:
            highest[_mind(one)] = max(r.value, highest.get(_mind(one), r.value))
    for one in sorted(belief.minds, key=lambda one: -highest.get(_mind(one), -1.0)):
        yield from _on_trial(one, belief.scale)


def effect_sentences(belief: Belief) -> Iterator[str]:
    """What each effect is with people, and with minds; nothing of one that people do not tell."""
    for effect in belief.effects:
        among_people = effect.by.get(PEOPLE)
        others = [f"{points(of)} with {name}" for name, of in effect.by.items() if name != PEOPLE and of is not None]
        if among_people is not None and others:
            what = as_sentence(effect.what)
            yield f"{what}: {points(among_people)} points with people, {listed(others)}."


def baseline_sentences(belief: Belief) -> Iterator[str]:
    """What can be had without a mind, on people not seen and on questions not seen."""
    there = [one for one in belief.baselines if one.r is not None]
    for held_out, where in HELD_OUT.items():
        of_these = [one for one in there if one.held_out == held_out]
        if of_these:
            best = max(of_these, key=lambda one: one.r.value if one.r is not None else 0.0)
            shown = best.r is not None and best.r.interval is not None and best.r.interval[0] > 0
            told = (
                f"follows most from {best.name}"
                if shown
                else f"is not shown to follow from anything; most from {best.name}"
            )
            yield f"Without a mind, on {where}, people's {belief.scale} {told} (r {points(best.r)})."


def _mind(one: Tried) -> str:
    return one.correlation.name.removesuffix(f", {WITH_TOPIC_MEANS}")


def _on_trial(one: Tried, scale: str) -> Iterator[str]:
    """What a mind may be trusted for, on people or on questions that it does not know."""
    name, where, r = one.correlation.name, HELD_OUT[one.correlation.held_out], one.correlation.r
    if r is not None:
        yield f"{name}, on {where} (r {points(r)}, {_in_pairs(r)}): {_merit(r, one.over_words, scale)}"
    if one.n_silent and WITH_TOPIC_MEANS not in name:
        yield f"{name}, on {where}: has nothing to say on {counted(one.n_silent, 'rating')}, which do not count."


def _in_pairs(r: Estimate) -> str:
    """r as the chance of putting two people in the right order, 1/2 + arcsin(r) / pi of a bivariate normal."""
    return f"about {100 * (0.5 + asin(r.value) / pi):.0f} of 100 pairs in people's order"


def _merit(r: Estimate, over_words: Estimate | None, scale: str) -> str:
    if r.interval is None or r.interval[0] <= 0:
        return (
            f"it is not shown that people give more {scale} where this mind has them agree more. Do not trust it for who likes"
            " what."
        )
    if over_words is None or over_words.interval is None:
        return "people agree more where it has them agree more."
    low, high = over_words.interval
    if low > 0:
        return "it tells who agrees more, and better than the words of people's opinions do."
    if high < 0:
        return "it tells who agrees more, though worse than the words of people's opinions do."
    return "it tells who agrees more; whether better than the words of people's opinions do is open."


def _verdict(spread: Spread, scale: str) -> str:
    if spread.standing is None:
        return f"too few groups to tell whether {scale} varies as people's does."
    if spread.standing == "alike":
        return f"{scale} varies as people's does: sizes of studies planned by it may be trusted, as far as spread goes."
    if spread.standing == "open":
        return f"whether {scale} varies as people's does is not told by so few answers; do not take it for granted."
    faults = [_fault(measure) for measure in (spread.sd_ratio, spread.distance) if measure.standing == "different"]
    return f"{scale} does not vary as people's does: {' and '.join(faults)}. Do not plan the size of a study of people by it."


def _fault(measure: Equivalence) -> str:
    value = 0.0 if measure.estimate is None else measure.estimate.value
    if measure.measure == "distance":
        return "answers lie elsewhere on the scale"
    return "there is too little spread" if value < 1 else "there is too much spread"


def _spread_rows(belief: Belief) -> Iterator[tuple[str, ...]]:
    first = next(iter(belief.spreads.values()))
    yield (PEOPLE, f"{first.sd_people:.2f}", "", "", "")
    for label, spread in belief.spreads.items():
        ratio, apart = points(spread.sd_ratio.estimate), points(spread.distance.estimate)
        yield (label, f"{spread.sd_agents:.2f}", ratio, apart, spread.standing or "too few")


def _conduct_row(label: str, conduct: Conduct) -> tuple[str, ...]:
    shares = share(conduct.straight_lining), share(conduct.between_texts)
    return label, *shares, points(conduct.retest), _seconds(conduct.seconds)


def _seconds(estimate: Estimate | None) -> str:
    return "-" if estimate is None else f"{estimate.value:.0f}"
