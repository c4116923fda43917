"""What a simulated crowd may be trusted for, held against people: tables and a verdict in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.analysis.belief.baselines import HeldOut
from simcons.analysis.belief.crowds import Belief, Conduct
from simcons.analysis.belief.spread import SD_BOUNDS, Equivalence, Spread
from simcons.analysis.resampling import Estimate
from simcons.report.intervals import points, share
from simcons.report.tables import Table

_PEOPLE = "people"
_HELD_OUT: Mapping[HeldOut, str] = {"raters": "people not seen", "questions": "questions not seen"}


def belief_tables(belief: Belief) -> Iterator[Table]:
    """Baselines, spread, and how answers were given."""
    names = list(dict.fromkeys(base.name for base in belief.baselines))
    found = {(base.name, base.held_out): base.r for base in belief.baselines}
    yield Table(
        f"Correlation with people's {belief.scale}, of predictions without a mind",
        ("", *_HELD_OUT.values()),
        [(name, *(points(found.get((name, held_out))) for held_out in _HELD_OUT)) for name in names],
        "95% intervals over people, or over questions. A mind that reads opinions has to be above these.",
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
        ("", "all answers the same", "variance between texts", "median seconds"),
        [_conduct_row(_PEOPLE, belief.people), *(_conduct_row(label, of) for label, of in belief.conducts.items())],
    )


def belief_sentences(belief: Belief) -> Iterator[str]:
    """The verdict on each simulated crowd, and what cannot be said."""
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
    yield (
        "Not tested here: whether a simulated person agrees with what a person of the same opinion would agree with. The"
        " correlations above are what that would have to beat."
    )


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
    yield (_PEOPLE, f"{first.sd_people:.2f}", "", "", "")
    for label, spread in belief.spreads.items():
        ratio, apart = points(spread.sd_ratio.estimate), points(spread.distance.estimate)
        yield (label, f"{spread.sd_agents:.2f}", ratio, apart, spread.standing or "too few")


def _conduct_row(label: str, conduct: Conduct) -> tuple[str, ...]:
    return label, share(conduct.straight_lining), share(conduct.between_texts), _seconds(conduct.seconds)


def _seconds(estimate: Estimate | None) -> str:
    return "-" if estimate is None else f"{estimate.value:.0f}"
