"""Findings in plain sentences, sweep by sweep; every sentence follows from numbers and their intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from simcons.counted import listed
from simcons.report.palette import alpha_of, ordered
from simcons.report.panels import CANDIDATES, NASH, RAWLSIAN, UTILITARIAN
from simcons.report.phrases import effect, extremes, trend
from simcons.report.sweeps import PREDICTIONS, Curve, Point, Sweep
from simcons.report.words import at, percent, places, points_in_words

_REFERENCE = "that under the utilitarian rule"
_WORTH_A_WORD = 0.05  # share of rounds with ties from which they are mentioned
_JUDGES = {UTILITARIAN: "the mean", NASH: "the geometric mean", RAWLSIAN: "the minimum"}


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences on one topic."""

    topic: str
    sentences: tuple[str, ...]


def read(sweep: Sweep) -> list[Paragraph]:
    """One paragraph a topic on which the sweep has findings."""
    topics: tuple[tuple[str, Callable[[Sweep], list[str]]], ...] = (
        ("Choice", _choice),
        ("Strategy", _strategy),
        ("Worst-off", _worst_off),
        ("Mean", _mean),
        ("Camps", _camps),
        ("Regret", _regret),
        ("Over-optimisation", _over_optimisation),
        ("Predictions", _predictions),
    )
    paragraphs = [Paragraph(topic, tuple(sentences)) for topic, tell in topics if (sentences := tell(sweep))]
    return paragraphs or [Paragraph("Nothing", ("There are no findings that this report reads.",))]


def headline(sweep: Sweep) -> list[str]:
    """The rules that sentences are about: Nash, and the one most averse to inequality; others where the family has no more."""
    family = [rule for rule in ordered(sweep.rules) if (alpha_of(rule) or 0) > 0]
    chosen = [rule for rule in family if rule == NASH] + family[-1:]
    return list(dict.fromkeys(chosen)) or [rule for rule in ordered(sweep.rules) if rule != UTILITARIAN][:2]


def _choice(sweep: Sweep) -> list[str]:
    curves = [curve for rule in headline(sweep) if (curve := sweep.curve("different_winner", rule, UTILITARIAN))]
    sentences = [
        f"The share of rounds in which {curve.rule} chose another statement than the utilitarian rule "
        f"{trend(curve, sweep.axis, percent)}."
        for curve in curves
    ]
    everybody = sweep.curves("different_winner", UTILITARIAN)
    if len(everybody) > len(curves):
        sentences.append(f"Over all rules it lay between {extremes(everybody, sweep.axis, percent)}.")
    return sentences + _by_map(sweep) + _ties(sweep)


def _by_map(sweep: Sweep) -> list[str]:
    first = next(iter(sweep.versus("different_by_map")), None)
    shares = sweep.curves("different_by_map", first)
    if first is None or not shares:
        return []
    between = extremes(shares, sweep.axis, percent)
    return [f"The share of rounds in which a rule chose another statement than under “{first}” lay between {between}."]


def _ties(sweep: Sweep) -> list[str]:
    """The rule that ties most, of all rules and of the isoelastic family."""
    tied = [s for s in sweep.curves("tied") if s.highest.estimate >= _WORTH_A_WORD]
    family = [s for s in tied if alpha_of(s.rule) is not None]
    most = [max(of, key=lambda s: s.highest.estimate) for of in (tied, family) if of]
    parts = [f"{s.rule}, in {percent(s.highest)} of rounds {at(s.highest.value, sweep.axis)}" for s in most]
    if not parts:
        return []
    text = "; of the isoelastic rules under ".join(dict.fromkeys(parts))
    return [f"Candidates tied for first place most often under {text}."]


def _differences(sweep: Sweep, measure: str, quantity: str, *, more: str = "higher", less: str = "lower") -> list[str]:
    """One sentence a headline rule on its difference from the utilitarian rule, and one on the extremes of all rules."""
    curves = [curve for rule in headline(sweep) if (curve := sweep.curve(measure, rule, UTILITARIAN))]
    sentences = [
        f"Under {curve.rule}, {quantity} was {effect(curve, sweep.axis, reference=_REFERENCE, more=more, less=less)}."
        for curve in curves
    ]
    everybody = sweep.curves(measure, UTILITARIAN)
    if len(everybody) > len(curves):
        between = extremes(everybody, sweep.axis, points_in_words)
        sentences.append(f"Over all rules, how much {more} it was lay between {between}.")
    return sentences


def _worst_off(sweep: Sweep) -> list[str]:
    return _differences(sweep, "worst_off_gain", "the lowest true utility in the group")


def _mean(sweep: Sweep) -> list[str]:
    return _differences(sweep, "mean_cost", "mean utility", more="lower", less="higher")


def camp_gain(sweep: Sweep, camp: str, rule: str) -> Curve | None:
    """A camp's mean utility under a rule less that under the utilitarian rule in the same rounds."""
    return sweep.curve(f"{camp}_gain", rule, UTILITARIAN)


def _camps(sweep: Sweep) -> list[str]:
    sentences = []
    if gap := sweep.curve("minority_gap", UTILITARIAN):
        sentences.append(
            "Under the utilitarian rule, the larger camp's mean utility less the smaller camp's "
            f"{trend(gap, sweep.axis, points_in_words)}."
        )
    for rule in headline(sweep)[-1:]:
        for camp, name in (("minority", "smaller"), ("majority", "larger")):
            if curve := camp_gain(sweep, camp, rule):
                quantity = f"the {name} camp's mean utility"
                sentences.append(f"Under {rule}, {quantity} was {effect(curve, sweep.axis, reference=_REFERENCE)}.")
    return sentences


def _regret(sweep: Sweep) -> list[str]:
    judges = [judge for judge in _JUDGES if judge in sweep.versus("regret")]
    sentences = [sentence for judge in judges for sentence in _judged(sweep, judge)]
    own = [(judge, regrets) for judge in judges if (regrets := sweep.curve("regret", judge, judge))]
    others = any(len(sweep.curves("regret", judge)) > 1 for judge, _ in own)
    if others and not any(_better(sweep, sweep.curves("regret", judge), regrets) for judge, regrets in own):
        sentences.append("No other rule had an interval wholly below that of the judge's own rule.")
    return sentences


def _judged(sweep: Sweep, judge: str) -> list[str]:
    by = f"Judged by {_JUDGES[judge]}"
    regrets, own = sweep.curves("regret", judge), sweep.curve("regret", judge, judge)
    if not regrets:
        return []
    if own is None:
        return [f"{by}, regret lay between {extremes(regrets, sweep.axis, points_in_words)}."]
    sentence = f"{by}, the regret of the {judge} rule itself {trend(own, sweep.axis, points_in_words)}"
    if better := _better(sweep, regrets, own):
        return [f"{sentence}.", f"Rules with an interval wholly below it: {better}."]
    return [f"{sentence}."]


def _better(sweep: Sweep, regrets: list[Curve], own: Curve) -> str:
    """Rules with less regret than the judge's own rule, together where they have it at the same values."""
    rules: dict[str, list[str]] = {}
    for curve in regrets:
        if below := [point for point in curve.points if _is_below(point, own)]:
            rules.setdefault(places(below, sweep.axis), []).append(curve.rule)
    return "; ".join(f"{listed(ordered(names))}, {where}" for where, names in rules.items())


def _is_below(point: Point, own: Curve) -> bool:
    mine = own.at(point.value)
    return mine is not None and point.is_below(mine)


def _over_optimisation(sweep: Sweep) -> list[str]:
    if not sweep.parameter.endswith(CANDIDATES):
        return []
    return [sentence for rule in ordered(sweep.rules) for sentence in _optimised(sweep, rule)]


def _optimised(sweep: Sweep, rule: str) -> list[str]:
    predicted, true = (sweep.curve(name, rule) for name in ("proxy_welfare", "true_welfare"))
    gap = sweep.curve("proxy_gap", rule)
    if predicted is None or true is None or gap is None:
        return []
    return [
        f"The welfare that {rule} predicted of its choice, by its own measure, {trend(predicted, sweep.axis, points_in_words)}; "
        f"the true welfare of that choice {trend(true, sweep.axis, points_in_words)}, "
        f"with its highest estimate {at(true.highest.value, sweep.axis)}.",
        f"Predicted welfare was {effect(gap, sweep.axis, reference='the true one')}.",
    ]


def _strategy(sweep: Sweep) -> list[str]:
    gains = sweep.curves("strategist_gain")
    if not gains:
        return []
    paid = [s.rule for s in gains if any(point.sign > 0 for point in s.points)]
    never = [s.rule for s in gains if s.rule not in paid]
    sentences = [
        f"{label} {listed(ordered(rules))}."
        for label, rules in (
            ("At least one way to misreport raised the utility of those who did under", paid),
            ("No way to misreport did so under", never) if paid else ("No way to misreport raised it under", never),
        )
        if rules
    ]
    return sentences + [sentence for value in sweep.axis.values if (sentence := _by_strategy(sweep, value))]


def _by_strategy(sweep: Sweep, value: str) -> str:
    gains, losses = (_by_size(sweep, measure, value) for measure in ("strategist_gain", "others_loss"))
    if not gains:
        return ""
    rule, largest = gains[-1]
    sentence = (
        f"With “{value}”, the gain of those who misreport was largest under {rule}, at {points_in_words(largest)}"
    )
    if len(gains) > 1:
        sentence += f", and smallest under {gains[0][0]}, at {points_in_words(gains[0][1])}"
    if losses:
        sentence += f"; the others' loss was largest under {losses[-1][0]}, at {points_in_words(losses[-1][1])}"
    return f"{sentence}."


def _by_size(sweep: Sweep, measure: str, value: str) -> list[tuple[str, Point]]:
    """Rules and their estimates at one value, from the smallest estimate to the largest."""
    estimates = [(curve.rule, point) for curve in sweep.curves(measure) if (point := curve.at(value))]
    return sorted(estimates, key=lambda pair: pair[1].estimate)


def _predictions(sweep: Sweep) -> list[str]:
    everybody, minority = (sweep.curve(name, PREDICTIONS) for name in ("pair_accuracy", "pair_accuracy_minority"))
    if everybody is None:
        return []
    sentence = f"Pair accuracy of the scores {trend(everybody, sweep.axis, percent)}"
    return [
        f"{sentence}; over the smaller camp it {trend(minority, sweep.axis, percent)}." if minority else f"{sentence}."
    ]
