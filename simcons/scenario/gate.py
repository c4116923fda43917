"""A gate: which change of which scenario is let through, and by what."""

from __future__ import annotations

import re
from math import inf
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from simcons.scenario.bounds import AtMost
from simcons.scenario.names import Name
from simcons.scenario.parameters import StrictModel

GateRule: TypeAlias = Literal["not_shown_worse", "shown_not_worse"]


def _has_unit(given: Any) -> Any:
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        raise ValueError(f"margin {given}: expected a number with its unit, such as {given} points or {given}%")
    return given


class GateMetricSettings(StrictModel):
    """One measure that a change may not make worse."""

    measure: str = Field(description="agreement, lowest, unanimous, true_agreement, ...: see docs/compare.md")
    margin: Annotated[str, BeforeValidator(_has_unit)] = Field(
        description="a loss that does not matter, with its unit: 0.1 points, or 3%"
    )
    subset: str = Field(
        "all", description="all, minority, majority, divisive, 'not divisive', or a split such as 'split ood_test'"
    )

    @property
    def label(self) -> str:
        return self.measure if self.subset == "all" else f"{self.measure}, {self.subset}"


_MORE = re.compile(r"\+\d+(\.\d+)?%")


def _is_limit(given: float | str) -> float | str:
    if isinstance(given, str) and not _MORE.fullmatch(given):
        raise ValueError(f"{given!r}: expected a number, or how much more than the base, such as +20%")
    if not isinstance(given, str) and not 0 < given < inf:
        raise ValueError(f"{given!r}: expected a number above 0")
    return given


Limit: TypeAlias = Annotated[float | str, AfterValidator(_is_limit)]


class GateBudgetSettings(StrictModel):
    """What the change may take, a mean over rounds: a number, or so much more than the base, such as +20%. None: not limited.

    requests and tokens are those of all arms together, price is that of all calls of the study, words are those of a statement.
    """

    requests: Limit | None = Field(None, description="model requests a round")
    tokens_in: Limit | None = Field(None, description="tokens read a round")
    tokens_out: Limit | None = Field(None, description="tokens written a round")
    price: Limit | None = Field(
        None, description="price of model calls a round, in the currency of the engines' price_per_million"
    )
    minutes: Limit | None = Field(None, description="minutes from a round's beginning to its end")
    words: Limit | None = Field(None, description="words of a statement")

    @property
    def given(self) -> dict[str, float | str]:
        """The limits that there are, by name."""
        return {name: limit for name, limit in self.model_dump().items() if limit is not None}


class KnownWorseSettings(StrictModel):
    """A change of the base that is known to be worse."""

    name: Name = Field(description="of the change in what is told of it")
    set: dict[str, Any] = Field(min_length=1, description="values that make the change, by dotted key")


class SelfCheckSettings(StrictModel):
    """How a gate is tried on changes whose truth is known (`simcons gate --self-check`)."""

    groups: Annotated[int, Field(ge=10), AtMost(100_000, "as all are simulated twice")] | None = Field(
        None, description="groups that gate runs are drawn from; by default four times those of a run"
    )
    runs: Annotated[int, Field(ge=200), AtMost(100_000, "as each is decided")] = Field(
        1000, description="gate runs of each kind"
    )
    worse: list[KnownWorseSettings] = Field(
        [], description="changes of the base known to be worse: how often the gate stops them is told too"
    )

    @model_validator(mode="after")
    def _worse_differ(self) -> Self:
        names = [change.name for change in self.worse]
        repeated = next((name for name in names if names.count(name) > 1), None)
        if repeated is not None:
            raise ValueError(f"worse: {repeated!r} is there twice; expected different names")
        return self


class GateSettings(StrictModel):
    """A change of a scenario, and what it must keep to.

    not_shown_worse: the gate stops what is shown to be worse and not shown to lie within its margin; a change as good as the base
    is stopped in at most a share alpha of runs. shown_not_worse: the gate lets through only what is shown to be worse by less
    than every margin; a change that is worse by a margin passes in at most a share alpha of runs.
    """

    kind: Literal["gate"]
    schema_version: Literal[1] = Field(1, description="of the form of the file")
    name: Name = Field(description="of the gate, and of its results")
    description: str = Field("", description="what it guards")
    base: str = Field(description="the scenario as it is: a file, looked for beside this one, or a shipped name")
    change: str | None = Field(None, description="the scenario with the change; or else `set`")
    set: dict[str, Any] = Field({}, description="values that make the change of the base, by dotted key")
    groups: Annotated[int, Field(ge=2)] | None = Field(None, description="groups of both; by default the scenario's")
    seed: Annotated[int, Field(ge=0)] | None = Field(None, description="of both; by default the scenario's")
    metrics: list[GateMetricSettings] = Field(min_length=1, description="what may not become worse")
    rule: GateRule = Field("not_shown_worse", description="see above")
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.05, description="share of runs in which the rule may err")
    budgets: GateBudgetSettings = GateBudgetSettings()
    worlds: str | None = Field(
        None,
        description="a shipped set of other worlds (people, ears), or a file: told is in how many the change would pass",
    )
    self_check: SelfCheckSettings = SelfCheckSettings()

    @model_validator(mode="after")
    def _one_change(self) -> Self:
        if (self.change is None) == (not self.set):
            raise ValueError("expected a change: either `change`, a scenario, or `set`, values of the base")
        return self

    @model_validator(mode="after")
    def _metrics_differ(self) -> Self:
        labels = [metric.label for metric in self.metrics]
        repeated = next((label for label in labels if labels.count(label) > 1), None)
        if repeated is not None:
            raise ValueError(f"metrics: {repeated!r} is given twice; expected different measures or subsets")
        return self
