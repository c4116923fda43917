"""People in chats against the same people in a study."""

from __future__ import annotations

import json

import numpy as np

from simcons.engines.acts import run_act
from simcons.serve.service import Service
from simcons.serve.wire import read_request


def test_people_rate_in_chats_as_they_do_in_a_study(simulate):
    """Asked again with all that they had before them, their ratings are about as close to the first pass as the second pass is:
    r is .7 on some 90 ratings. Under .4 has a chance below 1e-5.
    """
    study = simulate(design={"groups": 3, "rounds": 2}, seed=4)
    service, run = Service(study.scenario), study.run
    questions = run.rounds.set_index("round_id")["question"]
    statements = run.candidates.set_index("candidate_id")["text"]
    opinions = run.opinions.set_index(["round_id", "participant_id"])["text"]
    given = run.ratings[run.ratings["pass_index"] == 1].dropna(subset=["agreement"])
    pairs = []
    for row in given.itertuples():
        others = opinions[row.round_id]
        if row.participant_id in others.index:
            own = others[row.participant_id]
            form = {
                "question": questions[row.round_id],
                "statement": statements[row.candidate_id],
                "opinions": others.drop(row.participant_id).tolist(),
            }
            asked = rating(service, row.participant_id, form, own)
            pairs.append((row.agreement, asked))
    first, again = np.array(pairs, dtype=float).T
    assert len(pairs) > 30
    assert np.corrcoef(first, again)[0, 1] > 0.4
    assert abs(first.mean() - again.mean()) < 0.6


def rating(service: Service, participant_id: str, form: dict[str, object], own: str) -> int:
    turns = [("user", form["question"]), ("assistant", own), ("user", json.dumps(form))]
    messages = [{"role": role, "content": text} for role, text in turns]
    body = json.dumps({"model": f"persona-{int(participant_id[1:]):04d}", "messages": messages})
    return run_act(service.reply(read_request(body.encode())), service.engines).understood["asked"][0]["rating"]
