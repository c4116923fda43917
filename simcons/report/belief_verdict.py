"""In a sentence for each mind, what it may be trusted for, and what not: by rules that are the same for all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias

from simcons.analysis.belief.correlations import HeldOut
from simcons.analysis.belief.crowds import PEOPLE, Belief
from simcons.analysis.belief.effects import Effect
from simcons.analysis.belief.minds import WITH_TOPIC_MEANS, Tried
from simcons.analysis.resampling import Estimate
from simcons.counted import listed

HELD_OUT: Mapping[HeldOut, str] = {"raters": "people not seen", "questions": "questions not seen"}
Verdict: TypeAlias = Literal["trusted", "not", "open"]


def verdict_sentences(belief: Belief) -> Iterator[str]:
    """One a mind, of the one with the highest r first.

    Who agrees more: trusted where r is shown to be above that of the words of opinions, not trusted where r is not shown to be
    above 0, or is shown to be below that of words. What is known of such ratings: trusted where it is shown in people and in the
    mind, the same way and with intervals that overlap; not trusted where they do not overlap. All else is open.
    """
    by_mind: dict[str, list[Tried]] = {}
    for one in belief.minds:
        if WITH_TOPIC_MEANS not in one.correlation.name and one.correlation.r is not None:
            by_mind.setdefault(one.correlation.name, []).append(one)
    for name in sorted(by_mind, key=lambda name: -max(_r(one) for one in by_mind[name])):
        yield _sentence(name, [*map(_of_agreement, by_mind[name]), *_of_effects(name, belief.effects)])


def _sentence(name: str, found: list[tuple[Verdict, str]]) -> str:
    by_verdict = {
        verdict: [what for given, what in found if given == verdict] for verdict in ("trusted", "not", "open")
    }
    trusted = by_verdict["trusted"]
    told = [
        f"{name}: {f'may be trusted for {listed(trusted)}' if trusted else 'nothing here shows that it may be trusted'}"
    ]
    if by_verdict["not"]:
        told.append(f"Do not trust it for {listed(by_verdict['not'])}")
    if by_verdict["open"]:
        told.append(f"Not told by so few answers: {listed(by_verdict['open'])}")
    return f"{'. '.join(told)}."


def _of_agreement(one: Tried) -> tuple[Verdict, str]:
    held_out = one.correlation.held_out
    what = f"who agrees more {'among' if held_out == 'raters' else 'on'} {HELD_OUT[held_out]}"
    over = None if one.over_words is None else one.over_words.interval
    if not _above(one.correlation.r) or (over is not None and over[1] < 0):
        return "not", what
    return ("trusted" if over is not None and over[0] > 0 else "open"), what


def _of_effects(name: str, effects: tuple[Effect, ...]) -> Iterator[tuple[Verdict, str]]:
    causes: dict[Verdict, list[str]] = {}
    for effect in effects:
        people, mind = (None if of is None else of.interval for of in (effect.by.get(PEOPLE), effect.by.get(name)))
        if people is not None and mind is not None:
            causes.setdefault(_alike(people, mind), []).append(effect.cause)
    yield from ((verdict, f"how much ratings move by {listed(of)}") for verdict, of in causes.items())


def _alike(people: tuple[float, float], mind: tuple[float, float]) -> Verdict:
    if mind[1] < people[0] or people[1] < mind[0]:
        return "not"
    same_way = (people[0] > 0 and mind[0] > 0) or (people[1] < 0 and mind[1] < 0)
    return "trusted" if same_way else "open"


def _above(r: Estimate | None) -> bool:
    return r is not None and r.interval is not None and r.interval[0] > 0


def _r(one: Tried) -> float:
    return -1.0 if one.correlation.r is None else one.correlation.r.value
