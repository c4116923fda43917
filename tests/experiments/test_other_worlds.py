"""A verdict in other worlds: where it holds and flips, what is refused, and what is kept when it is run again."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest
import yaml
from compared import CHANGE, PAIRING, STUDY, compared, gate, in_world, row

from simcons.errors import RunFolderError, ScenarioError
from simcons.experiments.compare.measures import measures_for
from simcons.experiments.compare.other_worlds import made_ready, robustness
from simcons.experiments.compare.pairing import given_pairing
from simcons.experiments.compare.run import run_compare
from simcons.report.compare import findings, markdown
from simcons.report.compare_page import gate_page
from simcons.report.gate import gate_markdown, in_other_worlds, unnoticed
from simcons.report.other_worlds import world_findings, world_tables
from simcons.scenario.other_worlds import OtherWorldsSettings, load_other_worlds

CARELESS = {"name": "careless", "set": {"participants.response_style.careless_share": 0.5}}


def worlds(*given: dict[str, object]) -> OtherWorldsSettings:
    return OtherWorldsSettings.model_validate({"kind": "worlds", "name": "some", "worlds": list(given)})


# --- where it holds ------------------------------------------------------------------------------------------------


def test_a_verdict_that_flips_is_told_first_with_its_worlds():
    result = compared(
        {"agreement": "worse", "lowest": "worse"},
        in_world("a", agreement="worse", lowest="worse"),
        in_world("b", agreement="better", lowest="worse"),
    )
    assert [each.flips for each in robustness(result.overall, result.worlds)] == [True, False]
    first, second, *_ = findings(result)
    assert first == (
        "The verdict FLIPS with what is assumed of people: agreement is worse as given, and worse in 1 of 2 other worlds (a),"
        " better in 1 (b)."
    )
    assert second == "In every other world the change is, as given, worse in lowest agreement (2 worlds)."


def test_what_is_not_told_elsewhere_does_not_flip():
    result = compared({"agreement": "better"}, in_world("a", agreement="undecided"), in_world("b", agreement="better"))
    assert list(world_findings(result)) == [
        "The change is better in agreement in 1 of 2 other worlds, undecided in a.",
    ]
    assert list(world_findings(compared({"agreement": "better"}, in_world("a", agreement="undecided")))) == [
        "The change is better in agreement in 0 of 1 other world, undecided in a.",
    ]


def test_two_worlds_that_contradict_each_other_flip_what_is_undecided_as_given():
    result = compared({"agreement": "undecided"}, in_world("a", agreement="worse"), in_world("b", agreement="better"))
    assert next(world_findings(result)).startswith("The verdict FLIPS")


def test_tables_have_a_row_a_world_and_of_many_measures_those_that_differ():
    many = ["agreement", "lowest", "agreeing", "unanimous"]
    result = compared(
        dict.fromkeys(many, "better"),
        in_world(
            "a",
            **dict.fromkeys(many, "better"),
        ),
        in_world("b", **{**dict.fromkeys(many, "better"), "lowest": "undecided"}),
    )
    assert len(list(world_tables(result))) == 4
    [shown] = world_tables(result, every=False)
    assert [cells[0] for cells in shown.rows] == ["as given", "a", "b"]
    assert "lowest" in shown.title


def test_a_gate_tells_in_how_many_worlds_a_change_passes():
    result = gate(compared({}), passes=True, worlds={"a": True, "b": False})
    assert in_other_worlds(result) == (
        "The decision DEPENDS on what is assumed of people: by its metrics it passes in 1 of 2 other worlds, and is stopped in"
        " b (agreement)."
    )
    assert in_other_worlds(replace(result, worlds=result.worlds[:1])).startswith("The decision holds")
    assert in_other_worlds(replace(result, worlds=())) is None


@pytest.mark.parametrize(("passes", "power", "is_said"), [(True, 0.11, True), (True, 0.8, False), (False, 0.11, False)])
def test_a_pass_that_would_notice_little_is_the_first_caution(passes, power, is_said):
    result = gate(compared({"agreement": "undecided"}), passes=passes)
    weak = replace(result, metrics=tuple(replace(check, power=power) for check in result.metrics))
    said = (
        "That it passes says little: of changes that lose the margin in agreement in every group, a run like this one stops 11%."
        " More groups stop more."
    )
    assert unnoticed(weak) == (said if is_said else None)
    assert gate_markdown(weak).count(said) == is_said
    first = re.search('class="card caution".*?class="sentence">(.*?)</p>', gate_page(weak), re.DOTALL)
    assert (first is not None and first[1] == said) == is_said


def test_a_pass_of_groups_that_do_not_vary_says_that_nothing_is_known():
    result = gate(compared({"agreement": "undecided"}), passes=True)
    blind = replace(result, metrics=tuple(replace(check, power=None) for check in result.metrics))
    assert unnoticed(blind).startswith(
        "That it passes says little: in agreement the groups do not vary, or there are too few"
    )


# --- what is refused -----------------------------------------------------------------------------------------------


def ready(*given: dict[str, object]):
    def paired(assumed):
        return given_pairing(STUDY, None, overrides=CHANGE, assumed=assumed)

    return made_ready(worlds(*given), PAIRING, paired, list(measures_for(["agreement"]).values()))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("mediators.0.scorer", "longest", "world 'odd': sets mediators.0.scorer, as the change does"),
        ("mediators", [], "world 'odd': sets mediators.0.scorer, as the change does"),
        ("participants.response_stile", {}, "world 'odd': scenario: --set: participants.response_stile: unknown key"),
    ],
)
def test_a_world_that_the_scenarios_do_not_take_is_named_before_anything_is_run(key, value, expected):
    with pytest.raises(ScenarioError) as error:
        ready(CARELESS, {"name": "odd", "set": {key: value}})
    assert expected in str(error.value)
    assert "\n" not in str(error.value)


def test_names_that_a_disk_may_take_for_one_another_are_refused():
    with pytest.raises(ValueError, match="'careless' is given twice"):
        worlds(CARELESS, {**CARELESS, "name": "Careless"})


def test_worlds_in_which_a_measure_is_the_very_same_show_nothing_and_are_not_counted():
    """As the truth is, whatever the noise."""
    noisy = in_world("noisy", agreement="better")
    noisy = replace(noisy, rows=(*noisy.rows, row("true_agreement", "worse")))
    deaf = in_world("deaf", base=4.0, agreement="worse", true_agreement="worse")
    result = compared({"agreement": "worse", "true_agreement": "worse"}, noisy, deaf)
    assert list(world_findings(result))[-1] == (
        "Not counted, as what is measured comes out the very same there: deaf and noisy (true agreement)."
    )
    [rated, truth] = robustness(result.overall, result.worlds)
    assert (rated.alike, list(rated.elsewhere)) == (("deaf",), ["noisy"])
    assert (truth.alike, truth.elsewhere) == (("noisy", "deaf"), {})


@pytest.mark.parametrize(("name", "number"), [("people", 6), ("ears", 3)])
def test_the_shipped_worlds_suit_a_shipped_study_and_each_assumes_something_else(name, number):
    given = load_other_worlds(name)

    def paired(assumed):
        return given_pairing("paper_baselines", None, overrides=CHANGE, assumed=assumed)

    there = made_ready(given, paired({}), paired, [])
    assert all(world.assumptions for world in there)
    assert len({world.pairing.base.model_dump_json() for world in there}) == len(given.worlds) == number


# --- running -------------------------------------------------------------------------------------------------------


def test_finished_worlds_are_kept_and_the_same_command_goes_on(tmp_path):
    file, out = tmp_path / "worlds.yaml", tmp_path / "out"
    alike = {"name": "alike", "set": {"seed": 4}}
    file.write_text(yaml.safe_dump({"kind": "worlds", "name": "some", "worlds": [CARELESS, alike]}))

    def once():
        return run_compare(STUDY, overrides=CHANGE, measures=["agreement"], worlds=file, out=out)

    first = once()
    manifest = out / "worlds" / "careless" / "base" / "manifest.json"
    unfinished = out / "worlds" / "careless" / "change" / "manifest.json"
    began = manifest.stat().st_mtime_ns
    unfinished.unlink()  # as a stop leaves it
    again = once()
    assert manifest.stat().st_mtime_ns == began
    assert unfinished.exists()
    assert again.worlds == first.worlds
    assert [world.assumptions != () for world in again.worlds] == [True, False]
    table = pd.read_csv(out / "worlds.csv")
    assert set(table["world"]) == {"careless"}
    assert "## In other worlds: agreement" in markdown(again)
    with pytest.raises(RunFolderError, match="holds another comparison"):
        run_compare(STUDY, overrides=CHANGE, seed=5, out=out)
