"""The three to five findings that a page opens with (fewer where there are no more), each with its figure; what to beware of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from simcons.report.palette import alpha_of, ordered
from simcons.report.panels import CANDIDATES, UTILITARIAN, values_by_rule
from simcons.report.reading import camp_gain, headline
from simcons.report.summary import Unit
from simcons.report.sweeps import Curve, Point, Sweep
from simcons.report.words import at, percent, points_in_words

FEWEST, MOST = 3, 5
_FEW = 30  # rounds or groups, below which intervals of what is mostly 0 are too narrow
_MANY = 100  # intervals, from which on some leave out a truth of zero for sure
_ASSUMED = (
    "What is true of synthetic people need not be true of people. The figures say what a rule does under the stated assumptions,"
    " not what it will do in a country; intervals hold the error of simulating finitely much, not doubt about the assumptions.",
    "Each sweep changes one setting and leaves the others as they are; settings may work differently together.",
    "More rounds make any difference distinguishable. Whether it is large enough to matter is not a question of intervals.",
)


@dataclass(frozen=True, slots=True)
class Lead:
    """A finding in a sentence, and the sweep and panel of the figure that shows it."""

    sentence: str
    sweep: str
    panel: str


def leads(sweeps: Sequence[Sweep], *, names: Mapping[str, str]) -> list[Lead]:
    """The main findings of all sweeps, at most `MOST`: how often rules differ, who gains, what it costs, what misleads.

    names: of sweeps, as sentences print them, by the name in the findings. Every sentence follows from numbers and intervals.
    """
    family = [rule for rule in ordered(rule for sweep in sweeps for rule in sweep.rules) if (alpha_of(rule) or 0) > 0]
    sentences = list(_how_often(sweeps))
    if family:
        sentences += _gains(sweeps, family[-1], names)
    sentences += [*_misreported(sweeps, names), *_over_optimised(sweeps, names)]
    if family and len(sentences) < FEWEST:
        sentences += _smaller_camp(sweeps, family[-1], names)
    return sentences[:MOST]


def cautions(sweeps: Sequence[Sweep], *, unit: Unit = "rounds") -> list[str]:
    """Cautions before relying on the findings, the strongest first; nothing where there are none."""
    return [*_few(sweeps, unit), *_ASSUMED, *_many(sweeps)] if sweeps else []


def _few(sweeps: Sequence[Sweep], unit: Unit) -> Iterator[str]:
    fewest = min((size for sweep in sweeps for size in sweep.sizes), default=_FEW)
    if fewest < _FEW:
        yield (
            f"Some numbers rest on {fewest} {unit} alone. Where rules rarely choose differently, intervals from so few may be too"
            " narrow."
        )


def _many(sweeps: Sequence[Sweep]) -> Iterator[str]:
    n = sum(sweep.n_intervals for sweep in sweeps)
    if n >= _MANY:
        yield (
            f"The {n:,} intervals of this page are for one number at a time: of those whose truth is zero about one in twenty"
            " leaves it out. A sentence calls a difference told only where it stands with all rules and values of its sweep"
            " looked at together."
        )


def _how_often(sweeps: Sequence[Sweep]) -> Iterator[Lead]:
    """The rule that differs most often of the headline rules, with the others after it."""
    curves: dict[str, list[tuple[Sweep, Curve]]] = {}
    for sweep in sweeps:
        for rule in headline(sweep):
            if curve := sweep.curve("different_winner", rule, UTILITARIAN):
                curves.setdefault(rule, []).append((sweep, curve))
    if not curves:
        return
    points = {rule: [point for _, curve in there for point in curve.points] for rule, there in curves.items()}
    by_share = sorted(points, key=lambda rule: -median(point.estimate for point in points[rule]))
    first, *others = (f"{rule} in {_shares(points[rule], first=k == 0)}" for k, rule in enumerate(by_share))
    sentence = f"Another statement than by the utilitarian rule is chosen by {', and by '.join([first, *others])}."
    widest = max(curves[by_share[0]], key=lambda pair: pair[1].highest.estimate - pair[1].lowest.estimate)[0]
    yield Lead(sentence, widest.name, "values" if values_by_rule(widest) else "different_winner")


def _shares(points: Sequence[Point], *, first: bool) -> str:
    """With the interval where there is one condition alone. first: with the noun."""
    of = [point.estimate for point in points]
    if len(of) == 1:
        share, *interval = percent(points[0]).partition(" ")
        return "".join([share, " of rounds" if first else "", *interval])
    low, middle, high = (f"{100 * share:.0f}" for share in (min(of), median(of), max(of)))
    share = f"{middle}% of rounds" if first else f"{middle}%"
    return share if low == high else f"{share} ({low} to {high}% by condition)"


def _gains(sweeps: Sequence[Sweep], rule: str, names: Mapping[str, str]) -> Iterator[Lead]:
    for measure, quantity, more, less in (
        ("worst_off_gain", "the lowest true utility in a group", "higher", "lower"),
        ("mean_cost", "mean utility", "lower", "higher"),
    ):
        curves = [(sweep, curve) for sweep in sweeps if (curve := sweep.curve(measure, rule, UTILITARIAN))]
        yield from _extremes(curves, quantity, rule, (more, less), (measure, names))


def _smaller_camp(sweeps: Sequence[Sweep], rule: str, names: Mapping[str, str]) -> Iterator[Lead]:
    curves = [(sweep, curve) for sweep in sweeps if (curve := camp_gain(sweep, "minority", rule))]
    quantity = "the smaller camp's mean utility"
    yield from _extremes(curves, quantity, rule, ("higher", "lower"), ("minority_regret", names))


def _extremes(
    curves: Sequence[tuple[Sweep, Curve]],
    quantity: str,
    rule: str,
    words: tuple[str, str],
    shown: tuple[str, Mapping[str, str]],
) -> Iterator[Lead]:
    """The largest and the smallest difference over all conditions, with where they are."""
    everywhere = [(sweep, point) for sweep, curve in curves for point in curve.points]
    if not everywhere:
        return
    panel, names = shown
    told = [pair for pair in everywhere if pair[1].sign]
    start = f"Under {rule} instead of the utilitarian rule,"
    (top, most), (bottom, least) = (pick(told or everywhere, key=lambda pair: pair[1].estimate) for pick in (max, min))
    if abs(least.estimate) > abs(most.estimate):
        (top, most), (bottom, least) = (bottom, least), (top, most)
    if not told:
        several = len(everywhere) > 1
        where = f" in any of {len(everywhere)} conditions" if several else f": {_by(most, words)}"
        yield Lead(f"{start} no difference in {quantity} can be told{where}.", top.name, panel)
        return
    text = f"{start} {quantity} is {_by(most, words)} {_where(most, top, names)}"
    if most != least or top.name != bottom.name:
        text += f", and {_by(least, words)} {_where(least, bottom, names)}"
    if len(told) < len(everywhere):
        text += f"; in {len(everywhere) - len(told)} of {len(everywhere)} conditions no difference can be told"
    yield Lead(f"{text}.", top.name, panel)


def _by(point: Point, words: tuple[str, str]) -> str:
    return f"{words[0] if point.estimate > 0 else words[1]} by {points_in_words(point, sign=False)}"


def _where(point: Point, sweep: Sweep, names: Mapping[str, str]) -> str:
    title = names.get(sweep.name, sweep.title)
    if title.startswith("by "):  # how something was chosen, not what was varied
        return f"{at(point.value, sweep.axis)} ({title})"
    return f"at {title} {point.value}" if sweep.axis.is_number else f"{at(point.value, sweep.axis)} ({title})"


def _misreported(sweeps: Sequence[Sweep], names: Mapping[str, str]) -> Iterator[Lead]:
    curves = [(sweep, curve) for sweep in sweeps for curve in sweep.curves("strategist_gain")]
    if not curves:
        return
    sweep, most = max(curves, key=lambda pair: pair[1].highest.estimate)
    if most.highest.sign > 0:
        text = f"Misreporting pays most under {most.rule}, {points_in_words(most.highest)} {_where(most.highest, sweep, names)}."
    else:
        text = "No way of misreporting is told to pay under any rule."
    yield Lead(text, sweep.name, "strategist_gain")


def _over_optimised(sweeps: Sequence[Sweep], names: Mapping[str, str]) -> Iterator[Lead]:
    gaps = [
        (sweep, gap)
        for sweep in sweeps
        if sweep.parameter.endswith(CANDIDATES) and (gap := sweep.curve("proxy_gap", UTILITARIAN))
    ]
    if not gaps:
        return
    sweep, gap = max(gaps, key=lambda pair: pair[1].highest.estimate)
    if gap.highest.sign > 0:
        text = (
            f"The utilitarian choice among {gap.highest.value} candidates ({names.get(sweep.name, sweep.title)}) is predicted to"
            f" be better than it is by {points_in_words(gap.highest)}."
        )
        yield Lead(text, sweep.name, f"welfare-{UTILITARIAN}")
