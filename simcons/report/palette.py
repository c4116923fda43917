"""The order of rules, and how each is drawn: the isoelastic family a ramp, what it is compared with apart from it.

The ramp goes from green to violet and darkens all the way, as Viridis does, so that its order survives every common colour
blindness and grey print; the comparators are warm and dashed. On dark pages other colours take their place: there the ramp
lightens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isinf

from simcons.errors import InputError
from simcons.welfare.rules import parse_rule

INK, MUTED, GRID, PAPER = "#22222a", "#5c5c66", "#dcdce0", "#ffffff"
STRONG, ON_STRONG = "#1f5c7a", "#fefefe"  # the cells of a grid, the darker the more, and numbers on the darkest
DARK = {INK: "#ececf0", MUTED: "#a9a9b4", GRID: "#3d3d46", PAPER: "#17171b", STRONG: "#6db6dd", ON_STRONG: "#111114"}


@dataclass(frozen=True, slots=True)
class Ink:
    """The drawing of a series: colours on light and on dark pages, lengths of dashes and gaps (none: a full line), points."""

    light: str
    dark: str
    dash: tuple[int, ...]
    shape: str


# At alpha / (1 + alpha) = 0, 1/4, 1/2, 3/4, 1: on light pages, on dark pages.
_RAMP = (
    ((53, 160, 107), (33, 145, 140), (49, 104, 142), (68, 57, 131), (62, 1, 76)),
    ((40, 128, 66), (38, 146, 144), (76, 166, 226), (186, 196, 255), (252, 222, 255)),
)
_COMPARATORS = {
    "leximin": ("#a50f15", "#ff7b7b", (6, 2), "diamond"),
    "Schulze": ("#d95f0e", "#ff9d4d", (2, 2), "triangle-up"),
    "Borda": ("#c2569a", "#f29ad0", (7, 2, 2, 2), "square"),
    "approval": ("#8c6d1f", "#d9b95b", (4, 3), "cross"),
}
_OTHER = (MUTED, DARK[MUTED], (1, 2), "triangle-down")


# Of ratings from 1 to 7: on light pages, on dark pages. Brown against teal, which every common colour blindness tells apart.
LIKERT = (
    ("#a6611a", "#e08a3c"),
    ("#cf9a5b", "#b07743"),
    ("#ead3b0", "#7a6048"),
    ("#d4d4d9", "#5a5a64"),
    ("#b2d8d2", "#44736d"),
    ("#5fb0a4", "#3f9c8f"),
    ("#01796b", "#43d0bd"),
)
_ARMS = (  # of arms, runs, measures: whatever comes in an order of its own
    Ink("#1f5c7a", "#6db6dd", (), "circle"),
    Ink("#c2410c", "#ff9466", (), "square"),
    Ink("#2e7d32", "#7bc67e", (), "triangle-up"),
    Ink("#7b3fa0", "#c79be6", (), "diamond"),
    Ink("#96700a", "#e0bd4f", (), "cross"),
    Ink("#b5175a", "#f48fb1", (), "triangle-down"),
    Ink("#00798a", "#4dd0e1", (), "triangle-right"),
    Ink("#5d4037", "#bcaaa4", (), "triangle-left"),
)


def inks(n: int) -> list[Ink]:
    """Those of ``n`` arms, runs or measures, by their order. They recur from the ninth on."""
    return [_ARMS[place % len(_ARMS)] for place in range(n)]


def page_colours(rules: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Colours of figures on light pages, each with the one that takes its place on dark pages. rules: that figures show."""
    of_pages = {light: dark for light, dark in DARK.items() if light != PAPER}
    of_series = {each.light: each.dark for each in (*_ARMS, *map(ink, rules))}
    return list({**of_pages, **dict(LIKERT), **of_series}.items())


def alpha_of(rule: str) -> float | None:
    """The alpha of a rule of the isoelastic family, by its label; None for other rules."""
    try:
        spec = parse_rule(rule)
    except InputError:
        return None
    return None if isinstance(spec, str) else spec


def ordered(rules: Iterable[str]) -> list[str]:
    """The family by alpha, then the comparators, then whatever else there is."""
    known = list(_COMPARATORS)

    def place(rule: str) -> tuple[int, float]:
        alpha = alpha_of(rule)
        if alpha is not None:
            return 0, alpha
        return (1, known.index(rule)) if rule in known else (2, 0)

    return sorted(dict.fromkeys(rules), key=place)


def ink(rule: str) -> Ink:
    """The ink that a rule is drawn in, by its label."""
    alpha = alpha_of(rule)
    if alpha is None:
        return Ink(*_COMPARATORS.get(rule, _OTHER))
    place = 1.0 if isinf(alpha) else alpha / (1 + alpha)
    light, dark = (_between(stops, place) for stops in _RAMP)
    return Ink(light, dark, dash=(), shape="circle")


def _between(stops: tuple[tuple[int, int, int], ...], place: float) -> str:
    k = min(int(place * (len(stops) - 1)), len(stops) - 2)
    fraction = place * (len(stops) - 1) - k
    return "#" + "".join(f"{round(a + (b - a) * fraction):02x}" for a, b in zip(stops[k], stops[k + 1], strict=True))
