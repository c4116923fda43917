"""Paired comparisons: against textbook tests, by what they refuse, and on whole small studies."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from simcons.analysis.resampling import mean
from simcons.errors import InputError, ScenarioError
from simcons.experiments.compare.differences import Difference, FixedTest, adjusted, differences, p_values
from simcons.experiments.compare.measures import Measure, known_measures, measures_for, parse_margin
from simcons.experiments.compare.pairing import pair
from simcons.experiments.compare.run import run_compare
from simcons.experiments.compare.scores import key
from simcons.report.compare import findings, markdown
from simcons.runs import run
from simcons.runs.shared import Shared
from simcons.scenario.load import scenario_from
from simcons.seeds import stream
from simcons.storage.parquet import read_table

AGREEMENT = Measure("agreement", "points", 0.1)
UNANIMOUS = Measure("unanimous", "share", 0.05)

STUDY = {
    "name": "small",
    "seed": 4,
    "questions": {"kind": "bank", "bank": "core", "topics": ["transport"]},
    "design": {"groups": 4, "group_sizes": [3], "rounds": 2, "passes": 1},
    "mediators": [
        {"arm": "ours", "generator": {"kind": "scripted", "samples": 4, "skill": 0.9}, "scorer": "reader", "select": 1}
    ],
}
LESS_ABLE = ["mediators.0.generator.skill=0.1", "mediators.0.scorer=none"]


def scores(values: np.ndarray, name: str = "agreement") -> pd.DataFrame:
    """A group a row, a round a column."""
    n_groups, n_rounds = values.shape
    return pd.DataFrame(
        {
            "session_id": np.repeat([f"s{k:03d}" for k in range(n_groups)], n_rounds),
            "round_id": [f"s{k:03d}-r{r}" for k in range(n_groups) for r in range(n_rounds)],
            "split": "train",
            "divisive": True,
            key(name): values.ravel(),
        }
    ).assign(**{key(name, camp): np.nan for camp in ("minority", "majority")})


def of_all(rows: list[Difference]) -> Difference:
    return next(row for row in rows if row.subset == "all")


# --- against theory ------------------------------------------------------------------------------------------------


def test_one_round_a_group_is_the_paired_t_test():
    rng = stream(1, "paired")
    base = rng.normal(5, 1, (12, 1))
    change = base + rng.normal(0.2, 0.3, (12, 1))
    row = of_all(differences("a", scores(base), scores(change), [AGREEMENT], test=FixedTest()))
    assert row.p_value == pytest.approx(stats.ttest_rel(change[:, 0], base[:, 0]).pvalue)
    inside = stats.ttest_1samp(change[:, 0] - base[:, 0] - 0.1, 0, alternative="less").pvalue
    assert row.p_margin == pytest.approx(inside)
    unpaired = base[:, 0].var(ddof=1) + change[:, 0].var(ddof=1)
    assert row.narrower == pytest.approx(unpaired / (change - base)[:, 0].var(ddof=1))


def test_verdicts_and_the_groups_that_would_decide():
    rng = stream(2, "verdicts")
    base = rng.normal(5, 1, (30, 2))
    noise = rng.normal(0, 0.1, base.shape)

    def verdict(shift: float, spread: float = 1.0) -> Difference:
        change = base + shift + spread * noise
        return of_all(adjusted(differences("a", scores(base), scores(change), [AGREEMENT], test=FixedTest())))

    assert verdict(0.5).verdict == "better"
    assert verdict(-0.5).verdict == "worse"
    assert verdict(0.0).verdict == "equivalent"
    unsure = verdict(0.05, spread=8)
    assert (unsure.verdict, unsure.groups_needed > 30) == ("undecided", True)


def test_what_does_not_matter_is_equivalent_however_sure_it_is():
    base = stream(3, "sure").normal(5, 1, (50, 2))
    change = base + 0.03 + stream(4, "sure").normal(0, 0.02, base.shape)
    row = of_all(adjusted(differences("a", scores(base), scores(change), [AGREEMENT], test=FixedTest())))
    assert row.p_holm < 0.001
    assert row.verdict == "equivalent"


def test_nothing_passes_because_nothing_varies():
    """Of 20 groups without a difference, up to 14% could have had one of the whole scale: .86^20 = .05."""
    alike = mean(np.zeros(20), np.arange(20))
    assert p_values(alike, UNANIMOUS, FixedTest()) == (1.0, pytest.approx(0.95**20))
    assert p_values(alike, AGREEMENT, FixedTest())[1] > 0.7
    assert p_values(mean(np.zeros(59), np.arange(59)), UNANIMOUS, FixedTest())[1] < 0.05  # the rule of three
    always = mean(np.ones(6), np.arange(6))
    assert p_values(always, UNANIMOUS, FixedTest()) == (2.0**-5, 1.0)  # the sign test


def test_rounds_of_one_side_alone_are_excluded_and_counted():
    base, change = scores(np.full((3, 2), 5.0)), scores(np.full((3, 2), 6.0)).iloc[1:]
    row = of_all(differences("a", base, change, [AGREEMENT], test=FixedTest()))
    assert (row.n_rounds, row.n_excluded) == (5, 1)


def test_rounds_won_less_lost():
    base, change = np.array([[5.0, 5.0], [5.0, 5.0]]), np.array([[6.0, 5.0], [4.0, 6.0]])
    row = of_all(differences("a", scores(base), scores(change), [measures_for(["agreement"])["won"]], test=FixedTest()))
    assert (row.base, row.change, row.difference.value) == (0.25, 0.5, 0.25)


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (["population.name=uk"], 'population.name ("uk_crowd" and "uk")'),
        (["participants.tempo={reading_wpm: 100}"], "participants.tempo"),
        (["design.rounds=1"], "design.rounds (2 and 1)"),
        (["seed=5"], "seed (4 and 5)"),
        (["readers={reader: {matching: both}}"], "readers.reader.matching"),
        (["description=another"], "is the same as small; expected a difference"),
    ],
)
def test_scenarios_that_cannot_be_compared_name_the_keys(changes, expected):
    with pytest.raises(ScenarioError) as error:
        pair(scenario_from(STUDY), scenario_from(STUDY, changes))
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_arms_without_a_counterpart_are_refused_and_a_renamed_one_is_paired():
    two = {**STUDY, "mediators": [*STUDY["mediators"], {"arm": "theirs", "select": 1}]}
    with pytest.raises(ScenarioError, match="mediators: arms ours, theirs against ours of small"):
        pair(scenario_from(STUDY), scenario_from(two))
    pairing = pair(scenario_from(STUDY), scenario_from(STUDY, ["mediators.0.arm=new"]))
    assert [arm.name for arm in pairing.arms] == ["ours → new"]


def test_arms_that_the_change_does_not_concern_are_not_compared():
    two = {
        **STUDY,
        "scorers": {"second": {"kind": "length"}},
        "mediators": [*STUDY["mediators"], {"arm": "theirs", "scorer": "second", "select": 1}],
    }
    pairing = pair(scenario_from(two), scenario_from(two, ["scorers.second.kind=reader"]))
    assert ([arm.name for arm in pairing.arms], pairing.untouched) == (["theirs"], ("ours",))


def ours(**settings):
    return {"arm": "ours", "mediator": {"kind": "python", "call": "pipelines_of_ours:joined", **settings}, "select": 1}


def test_a_pipeline_of_ones_own_is_named_as_it_was_written():
    study = {**STUDY, "mediators": [ours(settings={"prefix": "We say:"})]}
    pairing = pair(scenario_from(study), scenario_from(study, ["mediators.0.mediator.settings.prefix=All"]))
    assert pairing.changes == ('mediators.0.mediator.settings.prefix: "We say:" → "All"',)
    scripted = pair(scenario_from(STUDY), scenario_from({**STUDY, "mediators": [ours()]})).changes
    assert 'mediators.0.generator.kind: "scripted" → "python"' in scripted


def test_code_of_the_change_that_is_not_there_is_told_before_anything_is_run(tmp_path):
    study = {**STUDY, "mediators": [ours()]}
    with pytest.raises(ScenarioError, match="function 'joint' is not there"):
        run_compare(study, overrides=["mediators.0.mediator.call=pipelines_of_ours:joint"], out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_people_keep_their_ears_when_a_language_model_begins_to_write():
    """Rules compare sentence embeddings where one writes; people would otherwise understand the change's statements better."""
    engines = {"m": {"kind": "scripted"}}
    model = {"kind": "language_model", "engine": "m", "samples": 4}
    pairing = pair(
        scenario_from({**STUDY, "engines": engines}),
        scenario_from({**STUDY, "engines": engines}, [f"mediators.0.generator={json.dumps(model)}"]),
    )
    assert pairing.base.reader("reader") == pairing.change.reader("reader")
    assert pairing.base.embeds("reader")
    assert pairing.notes


@pytest.mark.parametrize("text", ["0.1", "0.1 %", "points", "0 points", "7 points", "-1 points"])
def test_a_margin_without_its_unit_is_refused(text):
    with pytest.raises(InputError, match="margin of agreement: value"):
        parse_margin(text, AGREEMENT)


def test_margins_in_their_units():
    assert parse_margin("0.2 points", AGREEMENT) == 0.2
    assert parse_margin("3%", UNANIMOUS) == pytest.approx(0.03)
    with pytest.raises(InputError, match="measure 'joy': expected one of agreement"):
        known_measures(["joy"], ["agreement"])


# --- whole studies -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    return run_compare(STUDY, overrides=LESS_ABLE, out=tmp_path_factory.mktemp("compare") / "out")


def test_a_comparison_leaves_both_runs_tables_and_text(compared):
    assert {path.name for path in compared.folder.iterdir()} >= {"base", "change", "differences.csv", "rounds.parquet"}
    table = pd.read_csv(compared.folder / "differences.csv")
    overall = table[table["subset"] == "all"]
    assert set(overall["measure"]) == set(measures_for(["agreement", "quality"]))
    assert (table["difference"] - (table["change"] - table["base"])).abs().max() < 1e-9
    text = markdown(compared)
    assert "## All rounds and people" in text
    assert "mediators.0.generator.skill: 0.9 → 0.1" in text
    assert all(len(sentence) > 20 for sentence in findings(compared))


def test_both_sides_have_the_same_people_questions_and_opinions(compared):
    like = compared.likeness
    assert like.n_opinions == like.n_same_opinions > 15
    assert like.n_same_statements < like.n_rounds


def test_what_is_shared_changes_no_record(compared, tmp_path):
    """The change as it is run beside the base, and all by itself."""
    alone = run(STUDY, overrides=LESS_ABLE, out=tmp_path / "alone")
    for name in ("opinions", "candidates", "ratings", "scores", "screens", "truth/appraisals", "truth/personas"):
        beside = read_table(compared.folder / "change" / f"{name}.parquet", alone.schema(name))
        assert beside.equals(read_table(alone.folder / f"{name}.parquet", alone.schema(name))), name


def test_studies_on_the_same_people_share_what_follows_from_the_same(tmp_path):
    """Another number of samples, rule, reader and question order beside each other, and each by itself: every table."""
    changes = [
        [],
        ["mediators.0.generator.samples=7", "mediators.0.scorer=none"],
        ["mediators.0.welfare.alpha=2", "mediators.0.generator.samples=2"],
        ["design.rounds=1", "mediators.0.generator.opinions=meant"],
        ["readers.reader.matching=words", "mediators.0.scorer=longest"],
    ]
    shared = Shared()
    for number, change in enumerate(changes):
        together, alone = tmp_path / f"together-{number}", tmp_path / f"alone-{number}"
        run(STUDY, overrides=change, out=together, shared=shared)
        run(STUDY, overrides=change, out=alone)
        for table in sorted(alone.rglob("*.parquet")):
            assert table.read_bytes() == (together / table.relative_to(alone)).read_bytes(), (change, table.name)


def test_replies_to_what_is_asked_alike_are_asked_once(tmp_path):
    """Two arms of one language model, of which the second run changes one: its opinions and the other's candidates are there."""
    arm = {"arm": "kept", "generator": {"kind": "language_model", "engine": "m", "samples": 2}, "select": 1}
    changed = {**arm, "arm": "changed", "generator": {**arm["generator"], "prompt": "zero_shot"}}
    study = {
        **STUDY,
        "engines": {"m": {"kind": "scripted"}},
        "readers": {"reader": {"matching": "words"}},
        "mediators": [arm, changed],
    }
    shared = Shared()
    first = run(study, out=tmp_path / "first", shared=shared)
    progress = []
    second = run(
        study,
        overrides=["mediators.1.generator.samples=3"],
        out=tmp_path / "second",
        shared=shared,
        on_progress=lambda at: progress.append(at.calls_from_store),
    )
    n_before, n_now = (each.manifest["usage"]["requests"] for each in (first, second))
    assert n_now > n_before
    assert second.manifest["engines"]["m"]["from_store"] == n_before
    assert second.manifest["engines"]["m"]["replies"] == n_now - n_before
    alone = run(study, overrides=["mediators.1.generator.samples=3"], out=tmp_path / "alone")
    assert second.candidates.equals(alone.candidates)
    assert [row["tokens_out"] for row in second.manifest["calls"]] == [
        row["tokens_out"] for row in alone.manifest["calls"]
    ]


def test_it_stops_early_once_what_is_read_is_decided(tmp_path):
    """A mediator that shows one member's word against one for all: told after the first look."""
    study = {**STUDY, "design": {**STUDY["design"], "groups": 70, "rounds": 1}}
    worse = [
        'mediators.0.generator={"kind": "exploit", "exploit": "nonsense", "samples": 4}',
        "mediators.0.scorer=none",
    ]
    result = run_compare(
        study, overrides=worse, measures=["true_agreement"], stop_early=True, out=tmp_path / "early", seed=9
    )
    assert (result.stopped, result.n_groups, result.looks) == (True, 30, (30,))
    assert result.overall[0].verdict == "worse"
    assert (tmp_path / "early" / "base" / "groups-0001-0030" / "manifest.json").exists()
