"""The two sides of training data: what is learnt from, and what is held out, by whole questions, groups and people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from simcons.errors import TrainingDataError
from simcons.seeds import request_seed
from simcons.training.data.examples import HoldOut, SideName

HALF = 0.5  # of a group's rounds; with more of them on questions held out, fewer are lost if the group is held out too
ENOUGH = 0.5  # of the rounds that validation would have if no group discussed questions of both sides


@dataclass(frozen=True, slots=True)
class Discussion:
    """One round: who discussed what. All names are the same in all studies for what is the same."""

    round: str
    question: str
    group: str
    people: frozenset[Hashable]

    def members(self) -> Iterator[tuple[str, Hashable]]:
        """All that must be on one side, each with its kind."""
        yield "question", self.question
        yield "group", self.group
        yield from (("person", person) for person in self.people)


def assign(
    rounds: Sequence[Discussion], *, share: float, seed: int, hold_out: HoldOut = "questions"
) -> dict[str, SideName]:
    """The side of each round; rounds that are on neither are left out.

    hold_out: groups, with their people, of any questions, or whole questions with their groups, as what follows says.

    A share of the questions is held out, at least one of several. Groups discuss several questions, and a round whose group is on
    the other side than its question is on neither. So those groups go to validation of whose rounds most are on what is held
    out, which loses least; and then others, those with most of it first, until as many rounds are kept as half the share.
    Which questions and groups these are depends on their names and the seed, not on their order.
    """
    if hold_out == "groups":
        return _by_groups(rounds, share, seed)
    questions = _questions_held_out({discussed.question for discussed in rounds}, share, seed)
    clusters = _clusters(rounds)
    groups = _groups_held_out(rounds, clusters, questions, share, seed)
    sides: dict[str, SideName] = {}
    for discussed in rounds:
        held_out = discussed.question in questions
        if held_out == (clusters[discussed.group] in groups):
            sides[discussed.round] = "validation" if held_out else "learn"
    check_apart(
        (sides[discussed.round], kind, name)
        for discussed in rounds
        if discussed.round in sides
        for kind, name in discussed.members()
    )
    return sides


def _by_groups(rounds: Sequence[Discussion], share: float, seed: int) -> dict[str, SideName]:
    """Nobody is on both sides, and questions may be: at least one of several groups, with all that share people with it."""
    clusters = _clusters(rounds)
    order = sorted(set(clusters.values()), key=lambda name: request_seed(seed, "validation", name))
    held_out = set(order[: max(1, round(share * len(order)))] if len(order) > 1 else ())
    return {discussed.round: "validation" if clusters[discussed.group] in held_out else "learn" for discussed in rounds}


def check_apart(members: Iterable[tuple[SideName, str, Hashable]]) -> None:
    """See that nothing is on both sides. members: side, kind (question, group, person), name. Raises TrainingDataError."""
    side_of: dict[tuple[str, Hashable], SideName] = {}
    for side, kind, name in members:
        if side_of.setdefault((kind, name), side) != side:
            raise TrainingDataError(f"{kind} {name!r} is on both sides; expected each to be learnt from or held out")


def _questions_held_out(questions: set[str], share: float, seed: int) -> set[str]:
    if len(questions) < 2:
        return set()
    n_held_out = max(1, round(share * len(questions)))
    return set(sorted(questions, key=lambda question: request_seed(seed, "validation", question))[:n_held_out])


def _groups_held_out(
    rounds: Sequence[Discussion], clusters: dict[str, str], questions: set[str], share: float, seed: int
) -> set[str]:
    """Clusters of groups; never all of them."""
    n_rounds = Counter(clusters[discussed.group] for discussed in rounds)
    n_held_out = Counter(clusters[discussed.group] for discussed in rounds if discussed.question in questions)
    held_out = {name: n / n_rounds[name] for name, n in n_held_out.items()}
    order = sorted(held_out, key=lambda name: (-held_out[name], request_seed(seed, "validation", name)))
    enough = max(1, round(ENOUGH * share * len(rounds)))
    chosen: set[str] = set()
    n_kept = 0
    for name in order[: len(n_rounds) - 1]:
        if held_out[name] <= HALF and n_kept >= enough:
            break
        chosen.add(name)
        n_kept += n_held_out[name]
    return chosen


def _clusters(rounds: Sequence[Discussion]) -> dict[str, str]:
    """By group, the first by name of those that it is tied to by people who were in both."""
    parent = {discussed.group: discussed.group for discussed in rounds}

    def root(group: str) -> str:
        while parent[group] != group:
            parent[group] = group = parent[parent[group]]
        return group

    group_of: dict[Hashable, str] = {}
    for discussed in rounds:
        for person in discussed.people:
            first, other = sorted((root(group_of.setdefault(person, discussed.group)), root(discussed.group)))
            parent[other] = first
    return {group: root(group) for group in parent}
