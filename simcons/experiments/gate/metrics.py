"""The metrics of a gate, as its file names them, and their differences by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from simcons.analysis.resampling import Estimate, ratio
from simcons.errors import InputError
from simcons.experiments.compare.both import Both
from simcons.experiments.compare.differences import check_subset, differ_in_what_is_there, sides, subsets, together
from simcons.experiments.compare.measures import SHOWN, Measure, known_measures, parse_margin
from simcons.experiments.compare.pairing import Pairing
from simcons.experiments.compare.scores import EVERYBODY
from simcons.experiments.gate.decide import Metric
from simcons.experiments.gate.self_check import GroupSums
from simcons.scenario.gate import GateSettings
from simcons.scenario.study import Scenario


def metrics_of(settings: GateSettings, pairing: Pairing) -> list[Metric]:
    """Every metric of every arm that the change concerns. Raises InputError for one that there is not, and for its margin."""
    return [
        metric
        for arm in pairing.arms
        for metric in _of_arm(settings, pairing.base, arm.name, alone=len(pairing.arms) == 1)
    ]


def _of_arm(settings: GateSettings, base: Scenario, arm: str, *, alone: bool) -> Iterator[Metric]:
    for place, given in enumerate(settings.metrics):
        try:
            [measure] = known_measures([given.measure], base.participants.scales)
            margin = parse_margin(given.margin, measure)
            check_subset(measure, given.subset)
        except InputError as error:
            raise InputError(f"{settings.name}: metrics.{place}: {error}") from None
        label = given.label if alone else f"{arm}: {given.label}"
        yield Metric(arm, label, Measure(measure.name, measure.unit, margin), given.subset)


def round_tables(both: Both) -> dict[str, pd.DataFrame]:
    """Both sides' rounds beside each other, by the name of the pair of arms."""
    return {arm.name: together(*both.scores(arm)) for arm in both.pairing.arms}


def and_shown(metrics: Sequence[Metric], tables: Mapping[str, pd.DataFrame]) -> tuple[Metric, ...]:
    """``metrics``, and `SHOWN` of arms in which the two sides differ in that, where it is none of them.

    tables: `round_tables`. The other metrics leave out rounds without a statement, however many a change has of these.
    """
    named = {metric.arm for metric in metrics if (metric.measure.name, metric.subset) == (SHOWN.name, EVERYBODY)}
    more = [arm for arm, table in tables.items() if arm not in named and differ_in_what_is_there(table)]
    labels = {arm: SHOWN.name if len(tables) == 1 else f"{arm}: {SHOWN.name}" for arm in more}
    return (*metrics, *(Metric(arm, label, SHOWN, EVERYBODY) for arm, label in labels.items()))


def estimate_of(table: pd.DataFrame, metric: Metric) -> Estimate | None:
    """The change less the base; None where nothing could be measured."""
    sums = group_sums({metric.arm: table}, [metric])
    return ratio(sums.totals[:, 0], sums.weights[:, 0])


def group_sums(tables: Mapping[str, pd.DataFrame], metrics: Sequence[Metric]) -> GroupSums:
    """Differences by group, the same groups in every column."""
    groups = sorted({str(session) for table in tables.values() for session in table["session_id"]})
    columns = [_by_group(tables[metric.arm], metric).reindex(groups).fillna(0.0) for metric in metrics]
    return GroupSums(
        np.stack([column["total"].to_numpy(dtype=float) for column in columns], axis=1),
        np.stack([column["weight"].to_numpy(dtype=float) for column in columns], axis=1),
    )


def _by_group(table: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    there = {name: (people, rounds) for name, people, rounds in subsets(table)}
    people, rounds = there.get(metric.subset, (EVERYBODY, table.iloc[:0]))  # no round of such a split
    base, change = sides(rounds, metric.measure, people)
    d = pd.DataFrame({"session_id": rounds["session_id"], "total": change - base}).dropna()
    return d.assign(weight=1.0).groupby("session_id")[["total", "weight"]].sum()
