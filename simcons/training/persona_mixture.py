"""Which examples a persona's recipe takes, and in what order they are learnt.

Two people of one round whose positions are furthest apart stand together, so that what differs within a batch is who was told and
not what was rated. Lessons come first: a small model that is asked for everything at once learns form, and not to hear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeVar

from simcons.errors import TrainingDataError
from simcons.scale import MIDPOINT
from simcons.seeds import stream
from simcons.training.data.persona import NEGATION, SIDE
from simcons.training.persona_tokens import EncodedPersona, with_answers
from simcons.training.recipes import LessonSettings, PersonaSettings

T = TypeVar("T")
Pair: TypeAlias = Sequence[EncodedPersona]  # two people, or one who is left over


def mixture(examples: Sequence[EncodedPersona], settings: PersonaSettings) -> list[EncodedPersona]:
    """As many examples as the recipe asks for, drawn by its seed, in the order of learning: first the lessons, and of what comes
    after them a share of people's.

    Of a mixture that cannot be had at that size as many are taken as there can be. Raises TrainingDataError for one that needs
    examples of which there are none, and for lessons that need more than there are.
    """
    for name, share in _shares(settings).items():
        if share and not any(example.source == name for example in examples):
            raise TrainingDataError(
                f"people: value {settings.people:g}: the data has no example of source {name}; expected some"
            )
    taught, left = _in_lessons(pairs(examples, settings.seed), settings)
    most = None if settings.examples is None else settings.examples - len(taught)
    rest = _mixed(left, settings.people, most, settings.seed)
    return [*taught, *(example for pair in rest for example in pair)]


def held_out_mixture(examples: Sequence[EncodedPersona], settings: PersonaSettings) -> list[EncodedPersona]:
    """Of those held out as many as the recipe asks for, mixed as what is learnt, so that stopping goes by both; by the seed.

    Where one source has none, of the other.
    """
    there = {example.source for example in examples}
    can_be_mixed = all(name in there for name, share in _shares(settings).items() if share)
    pairs = _mixed(examples, settings.people if can_be_mixed else None, settings.held_out, settings.seed)
    return [example for pair in pairs for example in pair]


def _shares(settings: PersonaSettings) -> dict[str, float]:
    return {} if settings.people is None else {"people": settings.people, "simulated": 1 - settings.people}


def _mixed(examples: Sequence[EncodedPersona], people: float | None, most: int | None, seed: int) -> list[Pair]:
    """Pairs in an order that the seed draws."""
    most = len(examples) if most is None else min(len(examples), most)
    if people is None:
        return _first(pairs(examples, seed), most)
    of_people, simulated = ([one for one in examples if one.source == name] for name in ("people", "simulated"))
    for some, share in ((of_people, people), (simulated, 1 - people)):
        most = min(most, int(len(some) / share)) if share else most
    n_people = round(most * people)
    both = [*_first(pairs(of_people, seed), n_people), *_first(pairs(simulated, seed), most - n_people)]
    return [both[int(place)] for place in stream(seed, "persona mixture").permutation(len(both))]


def pairs(examples: Iterable[EncodedPersona], seed: int) -> list[Pair]:
    """People of one round two by two, the lowest position with the highest, in an order that the seed draws. Where nobody said a
    position, as in many studies of people, two on one question.

    Pairs of people who think alike stay among them: of opposite ones alone a first lesson is learnt so well that no later one
    changes it.
    """
    together: dict[str, list[EncodedPersona]] = defaultdict(list)
    for example in examples:
        together[example.question if example.position is None else example.round_id].append(example)
    made: list[Pair] = []
    for name in sorted(together):
        some = _drawn(sorted(together[name], key=lambda example: example.id), seed, name)
        some.sort(key=lambda example: MIDPOINT if example.position is None else example.position)
        half = len(some) // 2
        made += [list(pair) for pair in zip(some[:half], reversed(some[-half:]), strict=True)] if half else []
        made += [[one] for one in some[half : len(some) - half]]
    return _drawn(made, seed, "pairs")


def _first(some: Sequence[Pair], most: int) -> list[Pair]:
    """The first of them, with ``most`` people in all."""
    taken: list[Pair] = []
    for pair in some:
        if most <= 0:
            break
        taken.append(pair[:most])
        most -= len(pair)
    return taken


def _drawn(items: Sequence[T], seed: int, name: str) -> list[T]:
    return [items[int(place)] for place in stream(seed, "persona pairs", name).permutation(len(items))]


# --- lessons -----------------------------------------------------------------------------------------------------


def _in_lessons(some: Sequence[Pair], settings: PersonaSettings) -> tuple[list[EncodedPersona], list[EncodedPersona]]:
    """Those who have what a lesson asks for, with those answers alone, in the order of lessons; and who is left."""
    left, order = list(some), list[EncodedPersona]()
    for number, lesson in enumerate(settings.lessons):
        pupils = [pair for pair in left if _fits(pair, lesson)][: -(-lesson.examples // 2)]
        chosen = [example for pair in pupils for example in pair][: lesson.examples]
        if len(chosen) < lesson.examples:
            raise TrainingDataError(
                f"lessons.{number}.examples: value {lesson.examples:,}: people in rounds left whose answers teach"
                f" {', '.join(lesson.answers)}: {len(chosen):,}; expected at most as many, of data made with --sides"
            )
        order += [_as_taught(example, lesson, settings.seed) for example in chosen]
        taught = {id(example) for example in chosen}
        left = [rest for pair in left if (rest := [example for example in pair if id(example) not in taught])]
    return order, [example for pair in left for example in pair]


def _fits(pair: Pair, lesson: LessonSettings) -> bool:
    """Of a lesson are pairs alone: what it is to teach is what differs between them."""
    return len(pair) == 2 and all(
        lesson.told in (None, example.told)
        and lesson.read in (None, example.read)
        and {answer.kind for answer in example.answers} & {*lesson.answers}
        for example in pair
    )


def _as_taught(example: EncodedPersona, lesson: LessonSettings, seed: int) -> EncodedPersona:
    kinds = {*lesson.answers}
    if (share := _negated(example, lesson)) is not None:
        draw = stream(seed, "persona lessons", example.id).random()
        kinds.discard(SIDE if draw < share else NEGATION)
    return with_answers(example, kinds)


def _negated(example: EncodedPersona, lesson: LessonSettings) -> float | None:
    """The share of people like this one who are asked about the negation; None where all are asked both."""
    is_against = example.position is not None and example.position < MIDPOINT
    return lesson.negated_against if is_against and lesson.negated_against is not None else lesson.negated
