"""What a study records of its choices is enough to make them again, whatever the rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from simcons.scenario.welfare import WelfareSettings
from simcons.welfare import weak_ranks, weigh

ARMS = {
    "utilitarian": {"alpha": 0},
    "rawlsian": {"alpha": float("inf"), "ties": "random_ballot"},
    "drawn": {"alpha": {"kind": "lognormal"}},
    "leximin": {"rule": "leximin"},
    "schulze": {"rule": "schulze", "ties": "random_ballot", "utility_map": {"kind": "raw"}},
    "borda": {"rule": "borda", "ties": "first"},
    "approval": {"rule": "approval", "threshold": 0.6, "utility_map": {"kind": "sigmoid"}, "ties": "random_ballot"},
}


@pytest.fixture(scope="module")
def study(simulate):
    shared = {"generator": {"kind": "scripted", "samples": 8}, "scorer": "reader", "select": 3}
    arms = [{"arm": arm, "welfare": welfare, **shared} for arm, welfare in ARMS.items()]
    arms.append({"arm": "none", "generator": shared["generator"], "select": 1})
    design = {"groups": 8, "group_sizes": [4, 5], "rounds": 3, "omissions": [0, 1]}
    return simulate(seed=4, design=design, mediators=arms, population={"values": {"polarisation": 1.5}})


def choices(run, arm):
    """Of each of an arm's choices: its picks, and the scores it had, people by candidates."""
    scores = run.scores.merge(run.candidates[["candidate_id", "round_id", "omitted"]], on="candidate_id")
    slates = {
        key: rows.pivot(index="participant_id", columns="candidate_id", values="score")
        for key, rows in scores.groupby(["round_id", "omitted"])
    }
    picks = run.selections[run.selections["arm"] == arm].sort_values("pick")
    return [(rows, slates[key]) for key, rows in picks.groupby(["round_id", "omitted"])]


@pytest.mark.parametrize("arm", [arm for arm in ARMS if arm != "drawn"])
def test_picks_follow_from_the_recorded_scores(study, arm):
    """The first places of the weak order in turn, with how many share them and what the rule makes of them."""
    settings = WelfareSettings.model_validate(ARMS[arm])
    made = choices(study.run, arm)
    assert len(made) > 30
    for picks, scores in made:
        values = weigh(scores.T, settings.utility_map, spec=settings.spec, threshold=settings.threshold).values
        by_id = dict(zip(scores.columns, weak_ranks(values).tolist(), strict=True))
        ranks = [by_id[candidate] for candidate in picks["candidate_id"]]
        assert ranks == sorted(by_id.values())[:3]
        assert picks["n_tied"].tolist() == [list(by_id.values()).count(rank) for rank in ranks]
        if arm in ("leximin", "schulze"):
            assert picks["welfare"].isna().all()
        else:
            worth = dict(zip(scores.columns, values.tolist(), strict=True))
            assert picks["welfare"].tolist() == [worth[candidate] for candidate in picks["candidate_id"]]
        if settings.ties == "first":
            inside = [c for c in scores.columns if by_id[c] == ranks[0]]
            assert picks["candidate_id"].iloc[0] == inside[0]


@pytest.mark.parametrize("arm", ["rawlsian", "schulze", "approval"])
def test_whose_ballot_decided_would_have_it_so(study, arm):
    """That person is predicted to like the pick better than somebody tied with it; nobody is named where nothing was tied."""
    settings = WelfareSettings.model_validate(ARMS[arm])
    named = 0
    for picks, scores in choices(study.run, arm):
        weighed = weigh(scores.T, settings.utility_map, spec=settings.spec, threshold=settings.threshold)
        ranks = weak_ranks(weighed.values)
        for pick in picks.itertuples():
            if pd.isna(pick.decided_by):
                continue
            named += 1
            utilities = weighed.utilities[:, scores.index.get_loc(pick.decided_by)]
            place = scores.columns.get_loc(pick.candidate_id)
            tied = np.flatnonzero(ranks == ranks[place])
            assert pick.n_tied == len(tied) > 1
            assert utilities[place] > utilities[tied].min()
    assert named > 10


def test_the_rule_is_recorded_and_its_alpha(study):
    rows = study.run.selections.groupby("arm")
    for arm, welfare in ARMS.items():
        one = rows.get_group(arm)
        assert set(one["rule"]) == {welfare.get("rule", "isoelastic")}
        assert set(one["tie_rule"]) == {welfare.get("ties", "random")}
        assert one["alpha"].isna().all() == ("rule" in welfare)
        if welfare.get("ties") != "random_ballot":
            assert one["decided_by"].isna().all()
    assert rows.get_group("drawn")["alpha"].nunique() > 20
    unranked = rows.get_group("none")
    assert unranked[["rule", "alpha", "welfare", "decided_by"]].isna().all(axis=None)
