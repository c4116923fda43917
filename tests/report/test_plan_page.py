"""The page of a forecast: its curves go through the numbers of its tables, whatever sizes are asked for."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from simcons.experiments.forecast.leads import Leads
from simcons.experiments.forecast.power import comparisons
from simcons.experiments.forecast.rehearsal import Rehearsal
from simcons.experiments.forecast.run import Amount, Forecast
from simcons.report.forecast import forecast_sentences, forecast_tables
from simcons.report.plan_page import plan_page, power_figures
from simcons.seeds import stream

LEADS = Leads(
    "ours", {"theirs": stream(1, "lead").normal(0.3, 0.5, 100), "others": stream(2, "lead").normal(0, 1, 100)}
)
AMOUNTS = [
    *(("people", name, "people") for name in ("recruited", "finished", "dropped_out")),
    *(("groups", name, "groups") for name in ("formed", "complete")),
    *(("time", name, unit) for name, unit in (("launches", "launches"), ("hours", "hours"))),
    *(("money", name, "GBP") for name in ("pay", "fee", "vat", "cost")),
]


@pytest.fixture(scope="module")
def made(make_scenario):
    """A forecast of a study of 40 groups, with sizes of 20 and 80 to look at."""
    arms = [{"arm": arm, "generator": {"kind": "scripted"}} for arm in ("ours", "theirs", "others")]
    return Forecast(
        scenario=make_scenario(mediators=arms, design={"groups": 40}),
        n_replications=200,
        rehearsal=Rehearsal((), LEADS, 1.0),
        amounts=tuple(Amount(topic, name, unit, 100.0, 90.0, 120.0) for topic, name, unit in AMOUNTS),
        comparisons=comparisons(LEADS, [20, 80], known=True),
        simulated=True,
        pilot=None,
    )


def test_curves_of_power_go_through_the_sizes_of_the_table_and_rise(made):
    theirs, others = power_figures(made)
    [comparison, _] = made.comparisons
    curve = {row["groups"]: row["value"] for row in theirs.numbers}
    assert [curve[20], curve[80]] == [answer.power.value for answer in comparison.sizes]
    assert 40 in curve  # the scenario's own size
    assert np.all(np.diff([curve[n] for n in sorted(curve)]) > 0)
    assert f"20 groups: {curve[20]:.3g}; 80 groups: {curve[80]:.3g}" in theirs.alt
    assert [theirs.key, others.key] == ["power-theirs", "power-others"]


def test_where_the_difference_is_not_known_curves_are_of_the_least_that_is_found(made):
    unknown = replace(made, simulated=False, comparisons=comparisons(LEADS, [20, 80], known=False))
    figure = power_figures(unknown)[0]
    values = [row["value"] for row in figure.numbers]
    assert figure.key == "detectable-theirs"
    assert values == sorted(values, reverse=True)
    assert "probability of finding it" not in plan_page(unknown)


def test_one_size_has_a_curve_around_it(made):
    alone = replace(made, comparisons=comparisons(LEADS, [40], known=True))
    groups = [row["groups"] for row in power_figures(alone)[0].numbers]
    assert (min(groups), max(groups)) == (10, 160)


def test_the_page_begins_with_people_and_power_and_asks_nothing_of_the_network(made):
    page = plan_page(made)
    sentences = re.findall(r'<p class="sentence">(.*?)</p>', page)
    assert sentences[0].startswith("Recruit 100 (90 to 120) people")
    assert sentences[1].startswith("ours over theirs: 0.3")
    assert not re.search(r'(src|href)="https?:', page)


def test_one_arm_has_a_page_without_curves(made):
    alone = replace(
        made, comparisons=(), scenario=made.scenario.model_copy(update={"mediators": made.scenario.mediators[:1]})
    )
    page = plan_page(alone)
    assert "There is one arm" in page
    assert "What it could find" not in page


def test_a_notebook_shows_the_sentences_and_every_table(made):
    shown = unescape(made._repr_html_())
    for sentence in forecast_sentences(made):
        assert sentence in shown
    for table in forecast_tables(made):
        assert table.title in shown
    assert repr(made) == "Forecast('test': 200 replications)"
