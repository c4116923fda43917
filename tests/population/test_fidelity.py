"""Opinions that say what their writer holds are told from those that do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simcons.population.minds.beliefs import Beliefs
from simcons.population.minds.fidelity import Fidelity, fidelity
from simcons.questions.reading import Mention, Reading

SILENT = Reading(
    mentions=(),
    verdict=None,
    n_words=10,
    n_sentences=1,
    on_topic=1.0,
    repetition=0.0,
    fluency=1.0,
    first_person=1.0,
    directed=False,
    complete=True,
)


def said(verdict, *mentions):
    found = tuple(Mention(claim, polarity, sentence=0, strength=1.0) for claim, polarity in mentions)
    return replace(SILENT, verdict=verdict, mentions=found)


def test_a_case_by_hand():
    """Of claims 0, 1, 2 the first is said and the second denied; of the rejected 3 and 4 one is asserted; 7 is nobody's."""
    beliefs = Beliefs(position=6.2, claims=(0, 1, 2), rejected=(3, 4))
    reading = said(1.0, (0, 1), (1, -1), (3, 1), (4, -1), (7, 1))
    assert fidelity(reading, position=6.2, beliefs=beliefs) == Fidelity(
        verdict_read=1.0, sides_with_position=True, n_told=3, n_said=1, n_contradicted=2
    )


@pytest.mark.parametrize(
    ("verdict", "position", "sides"),
    [
        (1.0, 6.0, True),
        (0.5, 4.6, True),
        (-1.0, 2.0, True),
        (-0.5, 6.0, False),
        (1.0, 3.4, False),
        (0.0, 7.0, False),  # says it is torn
        (1.0, 4.5, None),
        (1.0, 3.5, None),
        (None, 7.0, None),
        (1.0, None, None),
    ],
)
def test_the_side_taken(verdict, position, sides):
    found = fidelity(said(verdict), position=position, beliefs=None)
    assert found == Fidelity(verdict, sides, n_told=0, n_said=0, n_contradicted=0)


def test_latent_opinions_are_faithful_and_swapped_ones_are_not(groups):
    """Five people a question, each opinion held against its writer and against the next person of the group.

    Measured over 280 opinions: all on the writer's side, all claims said, one contradicted by ear; swapped 74%
    on the side (most questions lean to one), 31% of claims said, .43 contradicted an opinion.
    """
    own = list(compared(groups, shift=0))
    swapped = list(compared(groups, shift=1))
    assert share_siding(own) == 1.0
    assert share_said(own) > 0.98
    assert sum(found.n_contradicted for found in own) <= 2
    assert share_siding(swapped) < 0.85
    assert share_said(swapped) < 0.5
    assert sum(found.n_contradicted for found in swapped) > 0.3 * len(swapped)


def compared(groups, *, shift):
    for group in groups:
        readings = group.reader.read_many(group.texts)
        for place, (conviction, opinion) in enumerate(zip(group.convictions, group.opinions, strict=True)):
            rejected = tuple(claim for claim, held in enumerate(conviction.endorsement) if held < 0)
            beliefs = Beliefs(conviction.position, opinion.claims, rejected)
            reading = readings[(place + shift) % len(readings)]
            yield fidelity(reading, position=conviction.position, beliefs=beliefs)


def share_siding(found):
    taken = [one.sides_with_position for one in found if one.sides_with_position is not None]
    assert len(taken) > 0.6 * len(found)
    return sum(taken) / len(taken)


def share_said(found):
    return sum(one.n_said for one in found) / sum(one.n_told for one in found)
