"""Analyses of frames in the place of a run's tables: what they give on a run's own, and what is no table of a study."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from simcons.analysis.analyse import ANALYSES
from simcons.analysis.arm_odds import arm_odds_mixed
from simcons.analysis.conduct import response_times
from simcons.analysis.minority import minority_weight
from simcons.analysis.rankings import ranked_statements
from simcons.analysis.rated import Rated
from simcons.analysis.results import Result
from simcons.errors import InputError
from simcons.storage.load import Run

ARMS = [
    {"arm": "ours", "generator": {"kind": "scripted", "samples": 2}, "scorer": "reader", "select": 1},
    {"arm": "theirs", "generator": {"kind": "scripted", "samples": 1, "skill": 0.1}, "select": 1},
]
STAGES = ["position", "opinion", "rating", "ranking", "position_again"]
TABLES = ("participants", "rounds", "positions", "opinions", "candidates", "selections", "rankings")
OF_A_RUN = {"response_times", "participation", "scorer_accuracy", "best_of_n"}  # no frame holds what they rest on
OF_RATINGS = {
    *("win_rates", "arm_differences", "arm_odds", "rating_distributions", "realised_welfare"),
    *("reliability", "variance_shares"),
}


@pytest.fixture(scope="module")
def run(simulate) -> Run:
    design = {"groups": 3, "rounds": 2, "omissions": [0, 1, 2], "others_opinions": True, "stages": STAGES}
    return simulate(mediators=ARMS, design=design, seed=3).run


@pytest.fixture(scope="module")
def frames(run) -> dict[str, pd.DataFrame]:
    return {"ratings": run.ratings_by_arm, **{name: run.frame(name) for name in TABLES}}


@pytest.fixture(scope="module")
def whole(run) -> dict[str, Result]:
    rated = Rated.of_run(run)
    return {name: analysed(name, run, rated) for name in ANALYSES.keys() - OF_A_RUN}


def of_frames(frames: dict[str, pd.DataFrame], *names: str) -> Rated:
    return Rated.of_frame(frames["ratings"], **{name: frames[name] for name in names})


def analysed(name: str, run: Run, rated: Rated) -> Result:
    return minority_weight(rated) if name == "minority_weight" else ANALYSES[name](run, rated)


def numbered(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """With numbers for ids, which pandas holds as 3.0 where some are missing."""
    there = pd.concat([frame[name] for frame in frames.values() for name in ids(frame)]).dropna().unique()
    number = {text: 7 * k + 1 for k, text in enumerate(there)}
    told = {name: frame.assign(**{i: frame[i].map(number) for i in ids(frame)}) for name, frame in frames.items()}
    made_from = [[number[of] for of in each] for each in frames["candidates"]["opinion_ids"]]
    return {**told, "candidates": told["candidates"].assign(opinion_ids=made_from)}


def ids(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame if name.endswith("_id") and name != "question_id"]


@pytest.mark.parametrize("as_given", [dict, numbered], ids=["text", "numbers"])
def test_of_frames_an_analysis_gives_what_it_gives_of_the_run_they_came_from(run, whole, frames, as_given):
    rated = of_frames(as_given(frames), *TABLES)
    for name, result in whole.items():
        assert result.rows, name
        pd.testing.assert_frame_equal(analysed(name, run, rated).frame(), result.frame(), obj=name)


def test_the_weight_of_the_minority_of_frames_is_that_by_ratings(run, whole):
    of_run = minority_weight(Rated.of_run(run), run)
    assert list(whole["minority_weight"].rows) == [row for row in of_run.rows if row.keys.get("by", "rated") == "rated"]


def test_of_ratings_alone_analyses_have_the_numbers_of_the_run_or_say_in_a_line_what_they_take(run, whole, frames):
    rated, refused = of_frames(frames), dict[str, str]()
    for name in whole:
        try:
            rows = analysed(name, run, rated).rows
        except InputError as told:
            refused[name] = str(told)
            continue
        assert rows, name
        for row in rows:
            twin = whole[name].only(**row.keys, measure=row.measure)
            assert row.n == twin.n, name
            assert (row.estimate and row.estimate.value) == pytest.approx(twin.estimate and twin.estimate.value), name
    assert set(refused) == whole.keys() - OF_RATINGS
    assert refused["rankings"] == (
        "ratings: of a frame, without the table 'rankings' that this analysis takes; expected of_frame(ratings, rankings=...)"
    )
    assert "without the table 'positions'" in refused["divisiveness"]
    assert "without the column 'author_id' of candidates" in refused["statements_against_opinions"]
    assert not any("\n" in told for told in refused.values())


def test_what_no_frame_may_hold_is_expected_of_a_run(frames):
    with pytest.raises(
        InputError, match=r"without the table 'screens' that this analysis takes; expected those of a run"
    ):
        response_times(of_frames(frames))


def test_the_mixed_model_of_a_frame_takes_the_questions_of_rounds(frames):
    with pytest.raises(
        InputError, match=r"without the column 'question_id' of rounds .* expected of_frame\(ratings, rounds="
    ):
        arm_odds_mixed(of_frames(frames))


def test_only_what_is_known_of_people_divides_reliability(run, frames):
    surveyed = frames["participants"][["participant_id", "sex"]]
    result = analysed("reliability", run, Rated.of_frame(frames["ratings"], participants=surveyed))
    assert {row.keys["by"] for row in result.rows} == {"everybody", "sex"}


def test_a_study_that_ranks_in_place_of_rating_has_frames_without_a_rating(simulate):
    design = {"groups": 3, "rounds": 1, "stages": ["position", "opinion", "ranking"]}
    run = simulate(mediators=ARMS, design=design).run
    tables = {name: run.frame(name) for name in ("rounds", "selections", "rankings")}
    rated = Rated.of_frame(run.ratings_by_arm, **tables)
    assert ranked_statements(rated).rows == ranked_statements(Rated.of_run(run)).rows
    assert ranked_statements(rated).only(arm="ours", against="theirs", measure="ahead").n


def other(name: str, **columns: object) -> Callable[[dict[str, pd.DataFrame]], dict[str, pd.DataFrame]]:
    return lambda frames: {name: frames[name].assign(**columns)}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (lambda of: {"ratings": of["ratings"].drop(columns="pass_index")}, "ratings: no column 'pass_index'; expected sess"),
        (lambda of: {"ratings": of["ratings"].drop(columns=["agreement", "quality"])}, "ratings: no column 'agreement'"),
        (lambda of: {"positions": of["positions"].drop(columns="rating")}, "positions: no column 'rating'; expected round_id, "),
        (lambda of: {"opinoins": of["opinions"]}, "table 'opinoins': expected one of participants, rounds, positions"),
        (other("ratings", quality=8), "ratings: quality: 8: expected whole numbers from 1 to 7, or none"),
        (other("ratings", agreement="fully"), "ratings: agreement: 'fully': expected whole numbers"),
        (other("positions", rating=2.5), "positions: rating: 2.5: expected whole numbers"),
        (other("ratings", round_id="r1"), "ratings: round_id 'r1': more than one group; expected one"),
        (other("ratings", pass_index=1), "more than one rating; expected one"),
        (other("positions", moment="before"), "more than one position; expected one"),
        (lambda of: {"rounds": of["rounds"][1:]}, "; expected all that ratings have"),
    ],
)  # fmt: skip
def test_frames_that_are_no_study_are_told_in_a_line(frames, changed, told):
    given = {"ratings": frames["ratings"], **changed(frames)}
    with pytest.raises(InputError) as error:
        of_frames(given, *(name for name in given if name != "ratings"))
    assert told in str(error.value)
    assert "\n" not in str(error.value)
