"""What is heard in an opinion is what its author holds."""

from __future__ import annotations

import numpy as np
import pytest

from simcons.experiments.belief.hearing import hear
from simcons.experiments.belief.minds import latent
from simcons.languages.en_gb import EN_GB
from simcons.population.minds.heard import conviction_heard
from simcons.questions.bank import load_bank
from simcons.questions.readers import RulesReader
from simcons.questions.reading import Mention, Reading, side_taken
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.shipped import find_bank

QUESTION = load_bank(find_bank("core"))[0]
FOR, AGAINST = (
    next(place for place, claim in enumerate(QUESTION.claims) if claim.side == side) for side in ("for", "against")
)


def reading(*mentions, verdict=None):
    found = tuple(Mention(claim, polarity, 0, 1.0) for claim, polarity in mentions)
    return Reading(found, verdict, 20, 2, 1.0, 0.0, 1.0, 1.0, False, True)


def heard(*mentions, verdict=None):
    return conviction_heard(QUESTION, reading(*mentions, verdict=verdict), LatentMindSettings())


def test_a_verdict_puts_its_author_where_people_with_it_are_on_average():
    # half a normal of SD 1.3 has mean 1.3 * .798 = 1.037, felt 1.9 times as strongly: 1.97, bent to 1.97 / (1 + .657^4)^(1/4)
    assert heard(verdict=1.0).favour == pytest.approx(1.888, abs=0.001)
    assert heard(verdict=-1.0).favour == pytest.approx(-heard(verdict=1.0).favour)
    assert heard().favour == 0.0


def test_without_a_verdict_claims_tell_the_side():
    assert side_taken(QUESTION, reading((FOR, 1))) == 1.0
    assert side_taken(QUESTION, reading((FOR, 1), (AGAINST, 1))) == 0.0
    assert side_taken(QUESTION, reading((AGAINST, -1), verdict=-0.5)) == -0.5
    assert heard((AGAINST, -1)).favour > 0


def test_what_is_said_is_held_and_what_is_denied_rejected():
    conviction = heard((FOR, -1), (AGAINST, 1), verdict=1.0)  # against the author's own side
    assert conviction.endorsement[FOR] == -1.3
    assert conviction.endorsement[AGAINST] == 1.3
    others = [place for place in range(len(QUESTION.claims)) if place not in (FOR, AGAINST)]
    usual = heard(verdict=1.0).endorsement
    assert [conviction.endorsement[place] for place in others] == [usual[place] for place in others]


def test_appraisals_of_what_was_heard_go_with_those_of_who_wrote_it(simulate):
    """The opinions of a simulated study, heard by a reader by words: r with the true appraisals is .92 (with this seed)."""
    study = simulate(design={"groups": 8, "rounds": 3})
    run, true = study.run, study.truth("appraisals")
    opinions = run.opinions[["round_id", "participant_id", "text"]].rename(columns={"text": "opinion"})
    rows = true.merge(opinions, on=["round_id", "participant_id"])
    rows = rows.merge(run.candidates[["candidate_id", "text"]], on="candidate_id")
    rows = rows.merge(run.rounds[["round_id", "question", "position_statement"]], on="round_id")
    found = latent(hear(rows, RulesReader(EN_GB), EN_GB), "agreement").appraisals
    assert np.isfinite(found).all()
    assert np.corrcoef(found, rows["agreement"])[0, 1] > 0.8
