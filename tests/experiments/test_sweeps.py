"""Stress tests as a whole: conditions, pairing, what cannot be run, and effects that must be there."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import replace
from functools import cache
from multiprocessing import active_children
from threading import Thread
from time import sleep

import psutil
import pytest

from simcons.analysis.resampling import holm
from simcons.errors import ScenarioError
from simcons.experiments.stress import conditions, describe, run_stress
from simcons.scenario.files import parse, read_yaml
from simcons.scenario.shipped import shipped_worlds
from simcons.scenario.worlds import StressSettings

INF = float("inf")


def stress(key="world.people.polarisation", values=(0, 2), **settings):
    document = {"kind": "stress", "name": "test", "rounds": 600, "vary": {"key": key, "values": list(values)}}
    return StressSettings.model_validate({**document, **settings})


def found(findings, measure, rule, value, versus=None):
    (finding,) = [f for f in findings if (f.measure, f.rule, f.value, f.versus) == (measure, rule, value, versus)]
    return finding


def test_a_setting_takes_its_values_in_turn():
    first, second = conditions(stress())
    assert (first.value, first.position, second.value, second.position) == ("0", 0.0, "2", 2.0)
    assert second.stress.world.people.polarisation == 2
    assert second.stress.world.people.group_size == first.stress.world.people.group_size


def test_parts_that_come_in_kinds_are_varied_whole():
    maps = [{"kind": "likert"}, {"kind": "exp", "temperature": 0.5}]
    assert [c.value for c in conditions(stress("utility_map", maps))] == ["likert", "exp (temperature 0.5)"]
    assert [c.position for c in conditions(stress("utility_map", maps))] == [0.0, 1.0]
    assert describe(float("inf")) == "inf"
    named = stress(vary={"key": "utility_map", "values": maps, "names": ["as it is", "sharp"]})
    assert [c.value for c in conditions(named)] == ["as it is", "sharp"]
    with pytest.raises(ValueError, match="names: 1 different ones for 2 values; expected one a value"):
        stress(vary={"key": "utility_map", "values": maps, "names": ["same", "same"]})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"key": "world.people.polarization"},
            r"vary\.key: value 'world\.people\.polarization': expected the path of a setting",
        ),
        ({"key": "seed"}, r"vary\.key: value 'seed': expected the path of a setting under world, or utility_map"),
        (
            {"values": [1, -1]},
            r"test: vary\.values\.1: world\.people\.polarisation: value -1: expected a number of at least 0",
        ),
        (
            {"key": "utility_map", "values": [{"kind": "affine", "shift": -4}]},
            r"test: utility_map affine \(shift -4\): utility_map affine .* expected positive utilities: raise shift",
        ),
        (
            {"key": "utility_map", "values": [{"kind": "raw"}]},
            r"utility_map raw with alpha 0\.5: expected alpha 0 or \.inf",
        ),
    ],
)
def test_what_cannot_be_run_is_one_line(changes, message):
    with pytest.raises(ScenarioError, match=message) as error:
        run_stress([stress(**changes)])
    assert "\n" not in str(error.value)


def test_processes_do_not_matter():
    tests = [stress(rounds=50), stress("world.drop_outs", [0, 0.3], rounds=50)]
    done = []
    alone, together = run_stress(tests), run_stress(tests, jobs=2, on_done=lambda *count: done.append(count))
    assert alone == together
    assert done == [(k, 4) for k in range(1, 5)]
    with pytest.raises(ScenarioError, match="raise shift"):
        run_stress([stress("utility_map", [{"kind": "likert"}, {"kind": "affine", "shift": -4}], rounds=50)], jobs=2)


def test_a_rule_of_ones_own_that_fails_in_some_rounds_leaves_its_condition_empty_and_the_others_as_they_are(tmp_path):
    """It refuses groups that are not whole: with drop-outs of .3 those are five in six."""
    code = tmp_path / "ours.py"
    code.write_text(
        "def whole(u):\n    if u.shape[1] < 5:\n        raise ValueError('no quorum')\n    return u.min(axis=-1)\n"
    )
    changes = {"key": "world.drop_outs", "values": [0, 0.3], "rounds": 60, "rules": [0.0, INF]}
    alone = run_stress([stress(**changes)])
    result = run_stress([stress(**{**changes, "rules": [0.0, f"{code}:whole", INF]})])
    of_ours = [one for one in result.findings if "ours.py:whole" in (one.rule, one.versus)]
    assert {one.value for one in of_ours} == {"0"}
    of_others = [one for one in result.findings if one not in of_ours]
    assert [replace(one, p_holm=None) for one in of_others] == [replace(one, p_holm=None) for one in alone.findings]
    assert alone.failed == ()
    [failed] = result.failed
    assert (failed.test, failed.parameter, failed.value) == ("test", "world.drop_outs", "0.3")
    assert (failed.rule, failed.n_rounds) == ("ours.py:whole", 60)
    assert 30 < failed.n_failed < 60, "all five are there with .7 ** 5: 30 times or never in 60 with 2e-5"
    assert re.fullmatch(
        r"ours\.py:whole refuses the utilities of 16 candidates to \d people, .*: no quorum", failed.first
    )


def test_a_process_that_is_killed_ends_the_others_and_is_one_line():
    before, started = set(active_children()), set()

    def kill_one():
        while len(started) < 2:
            sleep(0.05)
            started.update(set(active_children()) - before)
        sleep(1)  # until both are at work
        os.kill(next(iter(started)).pid, signal.SIGKILL)

    killer = Thread(target=kill_one)
    killer.start()
    with pytest.raises(ScenarioError, match="a process of the stress test was killed; expected enough memory"):
        run_stress([stress(rounds=20_000, values=range(40))], jobs=2)
    killer.join()
    waited = 0.0
    while any(is_running(process.pid) for process in started) and waited < 10:
        sleep(0.1)
        waited += 0.1
    assert not any(is_running(process.pid) for process in started)


def is_running(pid):
    """Asked of the system, as the executor's thread may have waited for the process already."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_more_rounds_go_on_where_fewer_stopped():
    """Blocks of 1,000 groups: the first 1,000 of 1,500 rounds are those of a run of 1,000."""
    few, many = (run_stress([stress(rounds=n, values=[0])]).findings for n in (1000, 1500))
    assert {f.n for f in few if f.measure == "mean_utility"} == {1000}
    assert {f.n for f in many if f.measure == "mean_utility"} == {1500}
    a, b = (found(f, "mean_utility", "Nash", "0") for f in (few, many))
    assert abs(a.estimate - b.estimate) < 2 * (a.high - a.low)


@cache
def varied(key, *values, **settings):
    return run_stress([stress(key, values, rounds=3000, **settings)]).findings


def test_polarisation_parts_the_rules():
    findings = varied("world.people.polarisation", 0, 4)
    gap = {value: found(findings, "minority_gap", "utilitarian", value) for value in ("0", "4")}
    assert gap["0"].low < 0.05
    assert gap["4"].low > 0.5
    apart = {value: found(findings, "different_winner", "Nash", value, "utilitarian") for value in ("0", "4")}
    assert apart["4"].low > apart["0"].high


def test_the_predicted_minimum_helps_the_worst_off_only_if_predictions_are_good():
    findings = varied("world.predictions.pair_accuracy", 0.5, 0.95)
    at_chance, good = (found(findings, "worst_off_gain", "Rawlsian", value, "utilitarian") for value in ("0.5", "0.95"))
    assert at_chance.low < 0 < at_chance.high
    assert good.low > 0.1


def test_best_of_n_by_predictions_promises_more_than_it_keeps():
    """Over-optimisation: with N the gap between predicted and true welfare grows."""
    findings = varied("world.candidates.number", 2, 64)
    predicted, true, gap = (
        {n: found(findings, measure, "utilitarian", n).estimate for n in ("2", "64")}
        for measure in ("proxy_welfare", "true_welfare", "proxy_gap")
    )
    assert gap["64"] > gap["2"] + 0.05
    assert all(gap[n] == pytest.approx(predicted[n] - true[n]) for n in gap)


def test_differences_are_adjusted_for_all_rules_and_values_of_their_sweep():
    findings = varied("world.predictions.pair_accuracy", 0.5, 0.95)
    gains = [one for one in findings if one.measure == "worst_off_gain"]
    assert [one.p_holm for one in gains] == holm([one.p_value for one in gains])
    assert any(one.p_holm > one.p_value for one in gains if one.p_value is not None)
    assert {one.p_value for one in findings if one.measure == "different_winner"} == {None}


def test_a_veto_pays_most_where_the_minimum_decides():
    veto = stress("world.strategy", [{"kind": "veto"}], rounds=3000, world={"source": "ratings"})
    findings = run_stress([veto]).findings
    gain = {rule: found(findings, "strategist_gain", rule, "veto") for rule in ("utilitarian", "Rawlsian", "Schulze")}
    assert gain["Rawlsian"].low > gain["utilitarian"].high
    assert gain["Schulze"].high < gain["utilitarian"].low


@pytest.mark.parametrize("path", shipped_worlds(), ids=lambda path: path.stem)
def test_shipped_worlds(path):
    document = read_yaml(path)
    if document["kind"] != "stress":
        return
    shipped = parse(StressSettings, document, source=str(path))
    assert shipped.name == path.stem
    two = {"values": shipped.vary.values[:2], "names": shipped.vary.names and shipped.vary.names[:2]}
    few = shipped.model_copy(update={"rounds": 20, "vary": shipped.vary.model_copy(update=two)})
    assert {f.value for f in run_stress([few]).findings} == {c.value for c in conditions(shipped)[:2]}
    assert len(conditions(shipped)) == len(shipped.vary.values)
