"""Interchangeable words and ordinary misspellings: texts vary by them with no change of meaning, and readers see through them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from simcons.languages.text import as_sentence, normalise
from simcons.scenario.parameters import Register

Words: TypeAlias = tuple[str, ...]
Value = TypeVar("Value")

END = "."  # stands for the end of a clause among the words that may not follow
_TRAILING, _LEADING = ",;:.!?)", "("
_TEXTS_KEPT = 50_000
_NOTHING = "="  # what an aside is heard as


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """Phrases that mean the same and stand in the same places.

    ways: by phrase, as it is typed, the registers that it is written in; none where it is only ever replaced. left: ways that
    stay where they stand, as they have other meanings. not_after, not_before: words beside which nothing is swapped, `END`
    being the end of a clause.
    """

    ways: Mapping[str, frozenset[Register]]
    left: frozenset[str] = frozenset()
    not_after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()


class Heard(NamedTuple):
    """The units of a text as they are heard; unit i stands for its words ``starts[i]`` to ``ends[i]``."""

    units: Words
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Site:
    """Words ``start`` to ``end`` of a text, for which a swap has other ways; ``tail`` is the mark that follows them."""

    start: int
    end: int
    swap: Swap
    tail: str
    raised: bool  # begins with a capital


class Variation:
    """The swaps and misspellings of a language.

    misspelt: by right spelling, wrong ones that are no words themselves. confused: by word, those that are typed for it by
    mistake. asides: phrases by register that say nothing and may be thrown in where a clause begins with one of ``joints``
    after a comma. rare: words whose slips are heard and not written.

    Readers put right what is misspelt, take confused words and interchangeable phrases for the same, and pass over asides.
    """

    def __init__(
        self,
        swaps: Sequence[Swap] = (),
        *,
        misspelt: Mapping[str, Sequence[str]] | None = None,
        confused: Mapping[str, Sequence[str]] | None = None,
        asides: Mapping[Register, Sequence[str]] | None = None,
        joints: frozenset[str] = frozenset(),
        rare: frozenset[str] = frozenset(),
    ) -> None:
        misspelt, confused = misspelt or {}, confused or {}
        self.swaps = tuple(swaps)
        self.asides: Mapping[Register, Sequence[str]] = asides or {}
        self._joints = joints
        self.slips: Mapping[str, Sequence[str]] = {**misspelt, **confused}
        self._swaps = _Phrases((_spoken(way), swap) for swap in swaps for way in swap.ways if way not in swap.left)
        self._slips = _Phrases((_spoken(right), wrongs) for right, wrongs in self.slips.items() if right not in rare)
        self._right = _Phrases(
            (_heard(wrong), normalise(right)) for right, wrongs in misspelt.items() for wrong in wrongs
        )
        self._one_word = _representatives([_heard(word)[0], *map(normalise, slips)] for word, slips in confused.items())
        self._same = _Phrases(self._names())
        self._sites = lru_cache(maxsize=_TEXTS_KEPT)(self._find_sites)

    def swapped(self, text: str, register: Register, draws: Iterator[float]) -> str:
        """``text`` with phrases put in other ways of the register; each place takes one of ``draws``, from 0 to 1."""
        words, pieces, done = text.split(" "), list[str](), 0
        for site in self._sites(text):
            ways = [way for way, registers in site.swap.ways.items() if register in registers]
            draw = next(draws)
            if ways:
                way = ways[int(draw * len(ways))]
                pieces += [*words[done : site.start], (as_sentence(way) if site.raised else way) + site.tail]
                done = site.end
        return " ".join([*pieces, *words[done:]])

    def misspelt(self, text: str, rate: float, draws: Iterator[float]) -> str:
        """``text`` with that share misspelt of the words that people misspell; each of them takes one of ``draws``."""
        words = text.split(" ")
        cores = [word.rstrip(_TRAILING).lower() for word in words]
        if self._slips.first.keys().isdisjoint(cores):
            return text
        pieces, place = list[str](), 0
        while place < len(words):
            wrongs, size = self._slip_at(words, cores, place)
            draw = next(draws) if wrongs else 1.0
            slip = wrongs[int(draw / rate * len(wrongs))] if draw < rate else None
            pieces.append(_in_place_of(words[place : place + size], slip))
            place += size
        return " ".join(pieces)

    def respelt(self, normalised: str) -> str:
        """A normalised text with its misspellings put right."""
        words = normalised.split()
        if self._right.first.keys().isdisjoint(words):
            return normalised
        return " ".join(right or word for right, word, _ in self._right.cut(words))

    def with_asides(self, text: str, register: Register, chance: float, draws: Iterator[float]) -> str:
        """``text`` with asides thrown in at that share of its joints; each takes one of ``draws``."""
        words, asides = text.split(" "), self.asides.get(register, ())
        for place in range(1, len(words) - 1):
            if asides and words[place] in self._joints and words[place - 1].endswith(","):
                draw = next(draws)
                if draw < chance:
                    words[place] += " " + asides[int(draw / chance * len(asides))]
        return " ".join(words)

    def heard(self, words: Sequence[str]) -> Heard:
        """Normalised words as units that are the same for all ways to say the same."""
        one_word, same = self._one_word, self._same
        words = [one_word.get(word, word) for word in words]
        units, starts, ends, start = list[str](), list[int](), list[int](), 0
        while start < len(words):
            unit, end = words[start], start + 1
            if unit in same.first:
                of_all_ways, size = same.at(words, start)
                unit, end = of_all_ways or unit, start + size
            if unit != _NOTHING:
                units.append(unit)
                starts.append(start)
                ends.append(end)
            start = end
        return Heard(tuple(units), starts, ends)

    def _find_sites(self, text: str) -> tuple[_Site, ...]:
        words = text.split(" ")
        cores = [word.strip(_TRAILING + _LEADING).lower() for word in words]
        sites, place = list[_Site](), 0
        while place < len(words):
            swap, size = self._swaps.at(cores, place)
            end = place + max(1, size)
            if swap and _unbroken(words[place:end], cores[place:end]) and _fits(swap, words, cores, place, end):
                tail = words[end - 1][len(words[end - 1].rstrip(_TRAILING)) :]
                sites.append(
                    _Site(place, end, swap, tail, words[place][:1].isupper() and cores[place].partition("'")[0] != "i")
                )
            place = end
        return tuple(sites)

    def _slip_at(self, words: Sequence[str], cores: Sequence[str], place: int) -> tuple[Sequence[str], int]:
        wrongs, size = self._slips.at(cores, place)
        end = place + size
        return (wrongs, size) if wrongs and _unbroken(words[place:end], cores[place:end]) else ((), 1)

    def _names(self) -> Iterator[tuple[Words, str]]:
        """Every way to say something, with the name that all its ways share; a way of two swaps makes them one."""
        for aside in {aside for asides in self.asides.values() for aside in asides}:
            yield self._as_one(aside), _NOTHING
        ways = [[self._as_one(way) for way in swap.ways] for swap in self.swaps]
        names = _representatives([" ".join(way) for way in group] for group in ways)
        for group in ways:
            for way in group:
                yield way, "=" + names[" ".join(way)]

    def _as_one(self, way: str) -> Words:
        return tuple(self._one_word.get(word, word) for word in _heard(way))


@dataclass(slots=True)
class _Branch(Generic[Value]):
    """Phrases that begin alike: what stands for the words so far, if they are one, and those that go on, by their next word."""

    value: Value | None = None
    longer: dict[str, _Branch[Value]] = field(default_factory=dict)


class _Phrases(Generic[Value]):
    """Phrases to be looked for at a place of a text, the longest first: a tree by their words, ``first`` its roots."""

    def __init__(self, phrases: Iterable[tuple[Words, Value]]) -> None:
        root = _Branch[Value]()
        for words, value in phrases:
            branch = root
            for word in words:
                branch = branch.longer.setdefault(word, _Branch())
            branch.value = value if branch.value is None else branch.value
        self.first = root.longer

    def at(self, words: Sequence[str], place: int) -> tuple[Value | None, int]:
        """The replacement of the longest phrase at ``place``, and its words; None and 1 where there is none."""
        value, size = None, 1
        branches, end = self.first, place
        while end < len(words) and (branch := branches.get(words[end])):
            branches, end = branch.longer, end + 1
            if branch.value is not None:
                value, size = branch.value, end - place
        return value, size

    def cut(self, words: list[str]) -> Iterator[tuple[Value | None, str, int]]:
        """The text in phrases and single words: what stands for each, its first word, and the index of the word after it."""
        place = 0
        while place < len(words):
            value, size = self.at(words, place)
            yield value, words[place], place + size
            place += size


def _spoken(phrase: str) -> Words:
    return tuple(phrase.lower().split())


def _heard(phrase: str) -> Words:
    return tuple(normalise(phrase).split())


def _unbroken(words: Sequence[str], cores: Sequence[str]) -> bool:
    """True if no mark stands between the words."""
    inside = zip(words[:-1], cores[:-1], strict=True)
    return all(word[len(word) - len(core) :].lower() == core for word, core in inside)


def _fits(swap: Swap, words: Sequence[str], cores: Sequence[str], start: int, end: int) -> bool:
    before = cores[start - 1] if start and words[start - 1][-1] not in _TRAILING else ""
    ends = end == len(words) or words[end - 1][-1] in _TRAILING
    return before not in swap.not_after and (END if ends else cores[end]) not in swap.not_before


def _in_place_of(words: Sequence[str], slip: str | None) -> str:
    """The words themselves, or what is typed instead, with their capital and the mark after them."""
    typed = " ".join(words)
    if slip is None:
        return typed
    tail = typed[len(typed.rstrip(_TRAILING)) :]
    return (as_sentence(slip) if typed[:1].isupper() else slip) + tail


def _representatives(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    """One member for each that stands with it in a group, directly or by way of others."""
    name: dict[str, str] = {}
    for group in groups:
        joined = {name.get(member, member) for member in group}
        chosen = min(joined)
        name.update({member: chosen for member, known in name.items() if known in joined})
        name.update(dict.fromkeys(group, chosen))
    return name
