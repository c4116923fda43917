"""Opinions as they are sent and checked."""

from __future__ import annotations

from groups import RefusingReader

from simcons.engines.acts import run_act
from simcons.languages.en_gb import EN_GB
from simcons.population.minds.discussion import Discussion, Respondent, Submission
from simcons.population.minds.mind import Written
from simcons.population.minds.writer import WrittenOpinion
from simcons.scale import USUAL
from simcons.study.opinions import check_fidelity

TEXT = "We should."


def checked(bank, crowd, reader):
    discussion = Discussion(bank[0], "r1", {}, reader, EN_GB, scales=USUAL, seed=1)
    sent = Submission("o1", WrittenOpinion(TEXT, (), None), TEXT, TEXT)
    written = Written(TEXT, None, 1, truncated=False, told=None)
    return run_act(check_fidelity(discussion, Respondent("p1", crowd[0], bank[0], "r1"), sent, written), {})


def test_an_opinion_that_could_not_be_read_is_not_said_to_say_nothing(bank, crowd):
    assert checked(bank, crowd, RefusingReader(set())).n_said == 0
    assert checked(bank, crowd, RefusingReader({TEXT})) is None
