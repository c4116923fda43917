"""Sentences on a study before it is run."""

from __future__ import annotations

import pytest
from rewarding import save_base, save_checkpoint

from simcons.errors import ModelNotFound
from simcons.questions.bank import load_bank
from simcons.report.outlook import calls_expected, outlook
from simcons.scenario.shipped import find_bank

QUESTIONS = load_bank(find_bank("core"))


@pytest.mark.parametrize(
    ("design", "sentence"),
    [
        ({}, "2 shown, rated twice."),
        ({"passes": 1, "others_opinions": True}, "2 shown, and the other members’ opinions, rated once."),
        ({"stages": ["position", "opinion", "ranking"]}, "2 shown, ranked."),
        (
            {"stages": ["position", "opinion", "rating", "ranking", "position_again"]},
            "2 shown, rated twice and ranked, and the position statement once more at the end.",
        ),
    ],
)
def test_what_people_do_with_the_statements(make_scenario, design, sentence):
    (line,) = (line for line in outlook(make_scenario(design=design), QUESTIONS, 100, 1.4) if "Each round" in line)
    assert line.endswith(sentence)


ASKS = {"kind": "model", "engine": "m"}
ENGINES = {"m": {"kind": "scripted"}}


@pytest.mark.parametrize(
    ("parts", "n_texts"),
    [
        ({"participants": {"reader": "asks"}}, 2),  # both candidates, which latent minds judge
        ({"participants": {"reader": "asks"}, "design": {"others_opinions": True, "omissions": [0, 1]}}, 5 + 4),
        ({"scorers": {"asked": {"kind": "reader", "reader": "asks"}}, "arm": {"scorer": "asked"}}, 5 + 2),
        ({"arm": {"generator": {"kind": "scripted", "samples": 2, "reader": "asks"}}}, 5),
        ({}, 0),
    ],
)
def test_readings_are_foretold_by_the_texts_of_a_round_and_the_claims(make_scenario, parts, n_texts):
    arm = {"arm": "a", "generator": {"kind": "scripted", "samples": 2}, **parts.get("arm", {})}
    design = {"groups": 2, "rounds": 3, **parts.get("design", {})}
    rest = {key: value for key, value in parts.items() if key not in ("arm", "design")}

    def expected(**reader):
        readers = {"asks": {**ASKS, **reader}}
        scenario = make_scenario(readers=readers, engines=ENGINES, mediators=[arm], **rest, design=design)
        return calls_expected(scenario, 12.0).get("readings", 0)

    assert expected() == 6 * n_texts * 13
    assert expected(by="structured") == 6 * n_texts


def test_scores_are_foretold_by_opinions_scorers_and_pools(make_scenario):
    """Five opinions, then four: two arms draw on one pool, a third on its own; the reader asks for nothing."""
    own = {"kind": "scripted", "samples": 2, "skill": 0.1}
    arms = [
        {"arm": "a", "scorer": "rm"},
        {"arm": "b", "scorer": "rm", "welfare": {"alpha": 2}},
        {"arm": "c", "scorer": "rm", "generator": own},
        {"arm": "d", "scorer": "reader"},
    ]
    scenario = make_scenario(
        mediators=arms,
        engines=ENGINES,
        scorers={"rm": {"kind": "reward", "engine": "m"}},
        design={"groups": 2, "rounds": 3, "omissions": [0, 1]},
    )
    assert calls_expected(scenario, 12.0) == {"scores": 6 * 2 * (5 + 4)}
    assert "  Scorer rm: scores drawn at random, to rehearse a reward model." in outlook(scenario, QUESTIONS, 100, 1.4)


def test_a_reward_model_is_described_and_must_be_there(make_scenario, tmp_path):
    checkpoint = save_checkpoint(tmp_path / "rm", save_base(tmp_path / "base", "causal"), "causal", adapter=True)
    scorers = {"rm": {"kind": "reward", "checkpoint": str(checkpoint)}}
    scenario = make_scenario(mediators=[{"arm": "a", "scorer": "rm"}], scorers=scorers)
    described = (
        f"  Scorer rm: a reward model, a causal model on {tmp_path / 'base'} with a LoRA adapter ({checkpoint})."
    )
    assert described in outlook(scenario, QUESTIONS, 100, 1.4)
    (checkpoint / "manifest.json").unlink()
    with pytest.raises(ModelNotFound, match=r"manifest\.json: .*; expected the manifest of a reward model"):
        outlook(scenario, QUESTIONS, 100, 1.4)
