"""Sentences on a study before it is run."""

from __future__ import annotations

import pytest

from simcons.questions.bank import load_bank
from simcons.report.outlook import calls_expected, outlook
from simcons.scenario.shipped import find_bank


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
    (line,) = (
        line
        for line in outlook(make_scenario(design=design), load_bank(find_bank("core")), 100, 1.4)
        if "Each round" in line
    )
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
