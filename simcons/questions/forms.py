"""The forms of a wording: ``[just]`` may be left out, and of ``[loads of|plenty of]`` one is taken."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from math import prod

import numpy as np

MOST_FORMS = 24

_TEXTS_KEPT = 100_000
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SPACES = re.compile(r"\s+")
_STRAY_SPACE = re.compile(r" (?=,)")


def balanced(text: str) -> str:
    """``text`` itself. Raises ValueError where its brackets do not pair, are nested or empty, or allow too many forms."""
    if re.search(r"[\[\]]", _CHOICE.sub("", text)):
        raise ValueError("square brackets do not pair; expected [may be left out] or [one|of these], not nested")
    if any(not choice.strip() for choice in _CHOICE.findall(text)):
        raise ValueError("empty square brackets; expected [may be left out] or [one|of these]")
    if (n_forms := prod(map(len, _choices(text)))) > MOST_FORMS:
        raise ValueError(f"{n_forms} forms; expected at most {MOST_FORMS}")
    return text


@lru_cache(maxsize=_TEXTS_KEPT)
def forms(text: str) -> tuple[str, ...]:
    """All forms of ``text``: the first takes the first of every choice and leaves nothing out."""
    return tuple(dict.fromkeys(_joined(chosen) for chosen in product(*_choices(text))))


def first_form(text: str) -> str:
    return _joined(tuple(choice[0] for choice in _choices(text)))


def drawn_form(text: str, rng: np.random.Generator) -> str:
    """One form, every choice drawn by itself."""
    choices = _choices(text)
    return _joined(tuple(c[int(rng.integers(len(c)))] if len(c) > 1 else c[0] for c in choices))


@lru_cache(maxsize=_TEXTS_KEPT)
def _choices(text: str) -> tuple[tuple[str, ...], ...]:
    """The choices at each place of the text, in order: plain stretches, which are no choice, and brackets."""
    return tuple(
        tuple(_options(piece)) if place % 2 else (piece,) for place, piece in enumerate(_CHOICE.split(text)) if piece
    )


def _options(inside: str) -> list[str]:
    options = inside.split("|")
    return options if len(options) > 1 else [*options, ""]


@lru_cache(maxsize=_TEXTS_KEPT)
def _joined(chosen: tuple[str, ...]) -> str:
    return _STRAY_SPACE.sub("", _SPACES.sub(" ", "".join(chosen))).strip()
