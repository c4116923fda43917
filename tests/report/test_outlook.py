"""Sentences on a study before it is run."""

from __future__ import annotations

import pytest

from simcons.report.outlook import outlook


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
    (line,) = (line for line in outlook(make_scenario(design=design), 56, 100, 1.4) if "Each round" in line)
    assert line.endswith(sentence)
