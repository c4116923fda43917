"""Stages of a round as a scenario names them."""

from __future__ import annotations

import pytest

from simcons.errors import ScenarioError
from simcons.scenario.load import load_scenario

DEFAULT = ["position", "opinion", "rating"]


def stages(given: str) -> list[str]:
    return list(load_scenario("quickstart", [f"design.stages={given}"]).design.stages)


def test_a_round_has_three_stages_unless_the_scenario_says_otherwise():
    assert load_scenario("quickstart").design.stages == DEFAULT


def test_a_round_may_end_with_the_position_statement_once_more():
    assert stages("[position, opinion, rating, position_again]")[-1] == "position_again"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "[position, rating, opinion]",
            r"rating without opinion before it; expected opinion first, as the statements are",
        ),
        ("[position, rating]", r"rating without opinion before it"),
        ("[opinion, position, rating]", r"opinion comes first; expected position, which is what people hold before"),
        ("[position_again, opinion, rating]", r"position_again comes first; expected position"),
        ("[position, opinion, position_again, rating]", r"position_again before rating; expected it last"),
        ("[position, opinion, rating, rating]", r"rating is given twice; expected each stage at most once"),
        (
            "[position, ranking]",
            r"ranking without opinion before it; expected opinion first, as the statements are made",
        ),
        ("[position, opinion]", r"nobody would see the statements; expected rating or ranking among the stages"),
        ("[position, opinions, rating]", r"\.1: value 'opinions': expected one of position, opinion"),
        ("[]", r"expected a list of at least 1 entry"),
        ("rating", r"list"),
    ],
)
def test_stages_that_make_no_round_are_refused_in_a_line(given, said):
    with pytest.raises(ScenarioError, match=rf"design\.stages.*{said}") as caught:
        stages(given)
    assert len(str(caught.value).splitlines()) == 1
