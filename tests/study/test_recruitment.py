"""Arrivals, the lobby, and how recruiting ends."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, stats

from simcons.seeds import stream
from simcons.study.plan import make_plan
from simcons.study.recruitment import arrival_times, launches

BEHAVIOUR = {"arrivals_per_minute": 3.0, "arrivals_floor_per_minute": 0.7, "arrivals_half_life_minutes": 20.0}
OUTCOMES = {"no_show", "screened_out", "declined", "gave_up_waiting", "turned_away"}


def launched(make_scenario, *, seed=0, population=None, behaviour=None, **design):
    plan = make_plan(
        make_scenario(
            seed=seed,
            design={"groups": 4, **design},
            participants={"behaviour": behaviour or {}},
            population=population or {},
        )
    )
    return list(launches(plan.scenario.design, plan.population, plan.manner, seed=seed))


def everyone(launch):
    return [*launch.others, *(recruit for group in launch.groups for recruit in group.members)]


@pytest.mark.parametrize("floor", [0.7, 3.0, 0.05, 6.0])
def test_arrivals_are_a_poisson_process_of_the_rate_given(floor):
    """In rescaled time (the rate's integral, by quadrature) gaps are unit exponentials. Kolmogorov-Smirnov over 400 gaps,
    false alarm 1e-4 a case.
    """
    behaviour = {**BEHAVIOUR, "arrivals_floor_per_minute": floor}
    minutes = np.concatenate([[0.0], arrival_times(400, behaviour, stream(0, "test", str(floor))) / 60])

    def rate(t):
        return floor + (3.0 - floor) * 0.5 ** (t / 20.0)

    gaps = [integrate.quad(rate, a, b)[0] for a, b in pairwise(minutes)]
    assert stats.kstest(gaps, "expon").pvalue > 1e-4


def test_arrivals_begin_fast_and_fall_to_the_floor():
    """Counts in a window are Poisson with mean rate x length; each is off by 4.5 SD with probability 7e-6."""
    minutes = [arrival_times(600, BEHAVIOUR, stream(0, "test", k)) / 60 for k in range(40)]
    for begin, end, mean in ((0, 2, 40 * (1.4 + 2.3 * 20 / np.log(2) * (1 - 0.5**0.1))), (300, 400, 40 * 70.0)):
        count = sum(((begin <= at) & (at < end)).sum() for at in minutes)
        assert abs(count - mean) < 4.5 * np.sqrt(mean)


def test_an_arrival_does_not_depend_on_who_comes_after():
    many = arrival_times(500, BEHAVIOUR, stream(0, "test"))
    for n in (1, 2, 3, 17, 100):
        assert arrival_times(n, BEHAVIOUR, stream(0, "test")).tolist() == many[:n].tolist()


def test_shares_of_those_who_never_come_to_the_lobby(make_scenario):
    """Binomial; off by 4.5 SD with probability 7e-6 each. The screening and consent of those who come late count too."""
    behaviour = {
        "no_show": 0.2,
        "screen_out": 0.1,
        "decline_consent": 0.3,
        "patience_minutes": 1000,
        "recruit_factor": 2,
    }
    launch, *_ = launched(make_scenario, groups=200, launch_groups=200, group_sizes=[5], behaviour=behaviour)
    people = everyone(launch)
    assert len(people) == 2000
    gone = [recruit.outcome for recruit in people]
    arrived = [recruit for recruit in people if recruit.outcome != "no_show" and recruit.screens]
    screened_in = [recruit for recruit in arrived if recruit.outcome != "screened_out"]
    for outcome, n, share in (
        ("no_show", len(people), 0.2),
        ("screened_out", len(arrived), 0.1),
        ("declined", len(screened_in), 0.3),
    ):
        assert n > 900
        assert abs(gone.count(outcome) - n * share) < 4.5 * np.sqrt(n * share * (1 - share))
    for recruit in people:
        assert (recruit.arrived_at is None) == (recruit.outcome == "no_show")


def test_patience_is_exponential_and_capped(make_scenario):
    """Groups of 25 out of the 28 who were asked never fill when a fifth stay away, so everybody waits until they give up.

    Given-up waits are min(Exp(12), 15) minutes: a share exp(-15/12) stay to the cap (binomial, 4.5 SD), the rest follow a
    truncated exponential (Kolmogorov-Smirnov, 1e-4).
    """
    behaviour = {"no_show": 0.5, "recruit_factor": 1.0}
    waits = [
        (recruit.left_at - recruit.consented_at) / 60
        for seed in range(12)
        for launch in launched(make_scenario, seed=seed, groups=2, group_sizes=[25], behaviour=behaviour)
        for recruit in launch.others
        if recruit.outcome == "gave_up_waiting"
    ]
    assert len(waits) > 400
    capped = np.isclose(waits, 15.0)
    share = np.exp(-15 / 12)
    assert max(waits) == pytest.approx(15.0)
    assert abs(capped.sum() - share * len(waits)) < 4.5 * np.sqrt(len(waits) * share * (1 - share))
    free = np.array(waits)[~capped]
    assert stats.kstest(free, lambda x: (1 - np.exp(-x / 12)) / (1 - share)).pvalue > 1e-4


@pytest.mark.parametrize("seed", range(3))
def test_the_lobby_is_first_come_first_served(make_scenario, seed):
    """Played again by hand from when people came to the lobby and how long they would stay."""
    sizes = {"group_sizes": [4, 5], "groups": 30, "launch_groups": 10}
    study = launched(make_scenario, seed=seed, behaviour={"patience_minutes": 3, "recruit_factor": 2}, **sizes)
    groups = [group for launch in study for group in launch.groups]
    assert [group.index for group in groups] == list(range(30))
    assert [group.session_id for group in groups] == [f"s{k + 1:05d}" for k in range(30)]
    for launch in study:
        full = len(launch.groups) == 10 or launch is study[-1]
        full_at = launch.groups[-1].started_at if full else float("inf")
        group_of = {id(recruit): group for group in launch.groups for recruit in group.members}
        lobby = sorted((r for r in everyone(launch) if r.consented_at is not None), key=lambda r: r.consented_at)
        for group in launch.groups:
            there = [
                recruit
                for recruit in lobby
                if recruit.consented_at <= group.started_at
                and (recruit.left_at is None or recruit.left_at >= group.started_at)
                and (id(recruit) not in group_of or group_of[id(recruit)].started_at >= group.started_at)
            ]
            assert [id(recruit) for recruit in there] == [id(recruit) for recruit in group.members]
            assert group.started_at == there[-1].consented_at
        for recruit in launch.others:
            if recruit.outcome == "turned_away":
                assert recruit.left_at >= full_at
                if recruit.consented_at is None:
                    assert recruit.arrived_at >= full_at
                else:
                    assert recruit.left_at == max(full_at, recruit.consented_at)
            if recruit.outcome == "gave_up_waiting":
                assert recruit.left_at <= full_at
    outcomes = {recruit.outcome for launch in study for recruit in launch.others}
    assert outcomes == OUTCOMES


def test_sizes_of_groups_follow_from_their_numbers(make_scenario):
    """Each size comes up as often as another (binomial, 4.5 SD), whatever the launches."""
    few, many = (
        [
            len(g.members)
            for launch in launched(make_scenario, groups=60, group_sizes=[4, 5], launch_groups=n)
            for g in launch.groups
        ]
        for n in (60, 7)
    )
    assert few == many
    assert abs(few.count(4) - 30) < 4.5 * np.sqrt(15)


def test_launches_are_a_day_apart_and_ask_new_people(make_scenario):
    study = launched(make_scenario, groups=9, launch_groups=3, launch_every_hours=12)
    people = [recruit for launch in study for recruit in everyone(launch)]
    ids = sorted(recruit.participant.participant_id for recruit in people)
    assert ids == [f"p{k + 1:06d}" for k in range(len(people))]
    for launch in study:
        assert {recruit.recruited_at for recruit in everyone(launch)} == {launch.number * 12 * 3600.0}
        assert all(group.launch == launch.number for group in launch.groups)
    first = [min(r.arrived_at for r in everyone(launch) if r.arrived_at) - launch.number * 43_200 for launch in study]
    assert len({round(seconds, 6) for seconds in first}) == len(first)
    assert len(study) >= 3


def test_a_crowd_that_is_used_up_ends_the_study(simulate):
    """12 people for 6 groups of 5: what can be formed is, and the tables hold what there was."""
    run = simulate(design={"groups": 6, "rounds": 1}, population={"size": 12}).run
    assert len(run.participants) == 12
    assert 1 <= len(run.sessions) <= 2


def test_nobody_is_asked_once_too_few_are_left_for_a_group(make_scenario):
    """10 people: a launch for one group of 5 asks 7 of them; the other 3 could not fill another."""
    study = launched(make_scenario, groups=3, launch_groups=1, population={"size": 10})
    assert [len(everyone(launch)) for launch in study] == [7]


def test_a_study_nobody_comes_to_ends_too(simulate):
    """After five empty launches; every table is there and empty but the list of the recruited."""
    run = simulate(
        design={"groups": 2, "rounds": 1}, participants={"behaviour": {"no_show": 1.0}}, population={"size": 500}
    ).run
    assert set(run.participants["outcome"]) == {"no_show"}
    assert run.participants["launch"].nunique() == 5
    assert {name for name, rows in run.manifest["rows"].items() if rows} == {"participants"}
    assert len(run.ratings) == 0
    assert run.sql().execute("SELECT count(*) FROM ratings").fetchone() == (0,)
