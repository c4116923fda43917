"""Forecasts against the studies that they forecast, and against tables of power."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm, t

from simcons.engines.base import Message, Request
from simcons.engines.rehearsal import Ledger, RehearsalEngine
from simcons.experiments.forecast.leads import Leads
from simcons.experiments.forecast.power import comparisons
from simcons.experiments.forecast.replications import bounds
from simcons.experiments.forecast.rows import rows
from simcons.experiments.forecast.run import forecast
from simcons.report.forecast import model_sentences
from simcons.scenario.engines import SamplingSettings

SCRIPTED = {"arm": "scripted", "generator": {"kind": "scripted", "samples": 2}, "select": 2}
DESIGN = {"groups": 4, "rounds": 1, "passes": 1, "launch_groups": 2}
HASTY = {"dropout_per_hour": 0.8}  # so that drop-outs and incomplete groups vary
PAY = {"gbp_per_hour": 12, "gbp_per_session": 1, "gbp_sent_away": 0.1, "vat_on_fee": True}
N_STUDIES, N_SESSIONS = 16, 120


def request(**changes):
    usual = {"engine": "m", "messages": (Message("user", "word " * 41),), "sampling": SamplingSettings(), "seed": 1}
    return Request(**{**usual, **changes})


# --- forecasts against studies -------------------------------------------------------------------------------------


def study(people, run):
    """What a study took, by the names of a forecast's amounts."""
    outcomes = people["outcome"].value_counts()
    calls = run.manifest["calls"]
    return {
        "recruited": len(people),
        "dropped_out": outcomes.get("dropped_out", 0),
        "finished": outcomes.get("finished", 0),
        "complete": (run.sessions["outcome"] == "finished").sum(),
        "hours": run.sessions["ended_at"].max() / 3600,
        "pay": people["pay_gbp"].sum(),
        "cost": people[["pay_gbp", "fee_gbp", "vat_gbp"]].sum().sum(),
        "calls": sum(account["n_calls"] for account in calls),
    }


@pytest.fixture(scope="module")
def planned(make_scenario):
    scenario = make_scenario(design=DESIGN, participants={"behaviour": HASTY}, pay=PAY, model=True)
    return forecast(scenario, n_sessions=N_SESSIONS, n_replications=100)


@pytest.fixture(scope="module")
def studies(simulate):
    parts = {"design": DESIGN, "participants": {"behaviour": HASTY}, "pay": PAY, "model": True}
    runs = [simulate(seed=seed, **parts).run for seed in range(1, N_STUDIES + 1)]
    return [study(run.participants, run) for run in runs]


@pytest.mark.parametrize("name", ["recruited", "dropped_out", "finished", "complete", "hours", "pay", "cost", "calls"])
def test_studies_lie_within_the_bounds_of_their_forecast(planned, studies, name):
    """False alarms, each name's by itself: 1e-3 that more than 4 of 16 lie outside 95% bounds (binomial), 1e-3 that means are as
    far apart (t, with the error of the rehearsal's sessions as that of as many groups of studies), less than 1e-3 that bounds
    which are right, some 4.2 SDs apart, are 9 of those that 16 studies show (chi2).
    """
    amount, values = planned.amount(name), np.array([taken[name] for taken in studies], dtype=float)
    outside = (values < amount.low - 1e-9) | (values > amount.high + 1e-9)
    assert outside.sum() <= 4
    sd = values.std(ddof=1)
    error = sd * np.sqrt(1 / N_STUDIES + DESIGN["groups"] / N_SESSIONS)
    assert abs(values.mean() - amount.value) <= t.isf(5e-4, N_STUDIES - 1) * error
    assert amount.high - amount.low <= 9 * sd


def test_amounts_add_up(planned):
    outcomes = [a for a in planned.amounts if a.topic == "people" and a.name != "recruited"]
    assert sum(a.value for a in outcomes) == pytest.approx(planned.amount("recruited").value)
    money = [planned.amount(name).value for name in ("pay", "fee", "vat")]
    assert sum(money) == pytest.approx(planned.amount("cost").value)
    assert money[2] == pytest.approx(0.2 * money[1])
    by_act = [a.value for a in planned.amounts if a.name == "calls" and a.about]
    assert sum(by_act) == pytest.approx(planned.amount("calls").value)


def test_without_a_pilot_it_is_told_how_long_replies_can_be(planned):
    calls, written, price = (planned.amount(name) for name in ("calls", "most_tokens_out", "most_price"))
    assert written.value == pytest.approx(SamplingSettings().max_tokens * calls.value)
    assert written.value > 1.5 * planned.amount("tokens_out").value
    assert price.value == 0
    told = " ".join(model_sentences(planned))
    assert f"up to {written.high:,.0f} tokens of replies" in told


def test_what_models_would_say_of_arms_is_not_known(planned):
    assert not planned.simulated
    assert {row.name for row in rows(planned) if row.topic == "power"} == {"detectable"}


def test_the_same_forecast_again(make_scenario):
    scenario = make_scenario(design=DESIGN)
    again = [forecast(scenario, n_sessions=8, n_replications=20).amounts for _ in range(2)]
    assert again[0] == again[1]


def test_bounds_are_those_of_ranks():
    """Of 199 values in order the bounds are the 5th and the 195th: ranks .025 x 200 and .975 x 200."""
    assert bounds([float(n) for n in range(1, 200)]) == pytest.approx((5, 195))


# --- pilots --------------------------------------------------------------------------------------------------------


def piloted(simulate, **parts):
    """A pilot of four groups, and a forecast with it of the same scenario."""
    pilot = simulate(**{**parts, "design": DESIGN, "seed": 5})
    made = forecast(pilot.scenario, sizes=[4], pilot=pilot.run.folder, n_sessions=20, n_replications=40)
    return pilot.run, made


def test_a_pilot_tells_lengths_seconds_and_differences(simulate, planned):
    pilot, made = piloted(simulate, model=True)
    [account] = pilot.manifest["calls"]
    about = f"{account['act']} ({account['engine']})"
    calls = made.amount("calls", about).value
    assert made.amount("tokens_out", about).value == pytest.approx(
        calls * account["tokens_out"] / account["n_calls"], rel=0.01
    )
    assert "engine_hours" in {amount.name for amount in made.amounts}
    assert "engine_hours" not in {amount.name for amount in planned.amounts}
    assert "most_tokens_out" not in {amount.name for amount in made.amounts}
    [comparison] = made.comparisons
    assert comparison.difference.value == pytest.approx(Leads.of(pilot).over["model"].mean())


def test_what_a_pipeline_asks_is_counted_as_in_the_pilot(simulate):
    """It asks three times a round: once for a draft, and twice to improve it."""
    own = {"kind": "python", "call": "pipelines_of_ours:asking", "asks": ["m"]}
    arms = [SCRIPTED, {"arm": "ours", "mediator": own, "select": 1}]
    _, made = piloted(simulate, mediators=arms, engines={"m": {"kind": "scripted"}})
    rounds = made.amount("rounds").value
    assert made.amount("calls", "pipeline (m)").value == pytest.approx(3 * rounds)
    assert made.amount("calls", "mediation (arm ours)").value == pytest.approx(rounds)
    assert made.amount("calls").value == pytest.approx(3 * rounds)  # of engines alone
    assert made.amount("engine_hours", "mediation (arm ours)").value > 0


# --- power ---------------------------------------------------------------------------------------------------------


def leads(effect, n=20_000):
    """Normal differences with SD 1 and hardly any sampling error."""
    return Leads("first", {"second": norm.ppf((np.arange(n) + 0.5) / n) + effect})


@pytest.mark.parametrize(("d", "n"), [(0.3, 90), (0.5, 34), (-0.5, 34)])
def test_groups_needed_are_those_of_tables(d, n):
    """Paired t test, two-sided .05, power .8: the sizes that G*Power 3.1 and Cohen (1988) give."""
    [comparison] = comparisons(leads(d), [n], known=True)
    assert comparison.needed.estimate == pytest.approx(n, abs=1)
    assert comparison.sizes[0].power.value == pytest.approx(0.8, abs=0.01)
    assert comparison.sizes[0].detectable.value == pytest.approx(abs(d), rel=0.02)


def test_a_small_sample_leaves_power_open():
    sample = leads(0.2, n=20_000).over["second"][::1000]
    [comparison] = comparisons(Leads("first", {"second": sample}), [50], known=True)
    low, high = comparison.sizes[0].power.interval
    assert low == pytest.approx(0.05, abs=0.01)  # the sample does not tell the difference from none
    assert high > 0.95


def test_any_other_size_has_its_answer():
    [comparison] = comparisons(leads(0.3), [30], known=True)
    assert comparison.at(90).power.value == pytest.approx(0.8, abs=0.01)  # as in the tables above
    assert comparison.at(30) == comparison.sizes[0]


def test_several_comparisons_share_the_level():
    both = Leads("first", {name: leads(0.3).over["second"] for name in ("second", "third")})
    assert [c.alpha for c in comparisons(both, [50], known=True)] == [0.025, 0.025]


def test_arms_that_never_differ_are_left_out():
    assert comparisons(Leads("first", {"second": np.zeros(30)}), [50], known=True) == ()


# --- the engine ----------------------------------------------------------------------------------------------------


def test_a_request_asked_again_is_counted_once():
    ledger = Ledger()
    engine = RehearsalEngine("m", ledger)
    engine.complete([request(act="candidate"), request(act="candidate"), request(act="candidate", draw=1)])
    [(asked, counted)] = ledger.take().items()
    assert asked == ("candidate", "m")
    usage = counted.usage
    assert (usage.n_calls, usage.tokens_in) == (2, 2 * (50 + 5))  # 205 characters at 4.1, and a turn of the chat
    assert ledger.take() == {}


def test_replies_may_take_all_their_tokens_and_prompts_hold_them():
    """An opinion could be longer by what it leaves of 200 tokens, and so could whatever is asked of it."""
    ledger = Ledger()
    engine = RehearsalEngine("m", ledger)
    asked = request(act="opinion", sampling=SamplingSettings(max_tokens=200))
    [opinion] = engine.complete([asked])
    holding = (Message("user", f"Sum up: {opinion.text}"),)
    other = (Message("user", "How far do you agree?"),)
    engine.complete(
        [
            request(act="candidate", messages=holding),
            request(act="agreement", messages=other, answer="logprobs", choices=("1", "2")),
        ]
    )
    ends = {act: (counted.usage, counted.most) for (act, _), counted in ledger.take().items()}
    assert [most.tokens_out for _, most in ends.values()] == [200, SamplingSettings().max_tokens, 0]
    longer = [most.tokens_in - usage.tokens_in for usage, most in ends.values()]
    assert longer == [0, 200 - opinion.tokens_out, 0]
    engine.complete([request(act="candidate", messages=holding, draw=1)])
    [later] = ledger.take().values()  # of the next session, whose people have written nothing
    assert later.usage.tokens_in == later.most.tokens_in


def test_statements_that_are_scored_may_be_longer_too():
    ledger = Ledger()
    engine = RehearsalEngine("m", ledger)
    [written] = engine.complete([request(act="candidate")])
    engine.complete([request(messages=(Message("user", "x"),), answer="scores", choices=(written.text, "y" * 82))])
    scored = ledger.take()["other", "m"]
    assert scored.most.tokens_in - scored.usage.tokens_in == SamplingSettings().max_tokens - written.tokens_out


def test_replies_end_with_their_tokens():
    engine = RehearsalEngine("m", Ledger())
    replies = engine.complete(
        [request(act="opinion", seed=n, sampling=SamplingSettings(max_tokens=3)) for n in range(9)]
    )
    assert {reply.tokens_out for reply in replies} == {3}


def test_scores_read_the_prompt_with_each_choice():
    [reply] = RehearsalEngine("m", Ledger()).complete([request(answer="scores", choices=("x" * 41, "y" * 82))])
    assert reply.tokens_in == 2 * 55 + 10 + 20


def test_every_kind_of_request_has_a_usable_answer():
    schema = '{"type": "object", "properties": {"1": {"enum": ["yes", "no"]}}}'
    engine = RehearsalEngine("m", Ledger())
    [structured, rating] = engine.complete([request(schema=schema), request(act="agreement")])
    assert structured.text == '{"1": "yes"}'
    assert rating.text in {"1", "2", "3", "4", "5", "6", "7"}


def test_a_pipeline_of_ones_own_is_not_started(make_scenario):
    """Its server does not exist."""
    own = {"arm": "own", "generator": {"kind": "http", "url": "http://127.0.0.1:9/"}, "select": 1}
    made = forecast(make_scenario(design=DESIGN, mediators=[own]), n_sessions=20, n_replications=40)
    assert not made.simulated
    assert made.amount("complete").value > 0
