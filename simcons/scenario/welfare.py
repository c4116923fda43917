"""The social welfare function as a scenario names it: the rule, the map from scores to utilities, and the tie rule."""

from __future__ import annotations

import re
from math import inf
from typing import Annotated, Any, Literal, NewType, Self, TypeAlias, cast, get_args

from pydantic import BeforeValidator, Field, FiniteFloat, PositiveFloat, field_validator, model_validator

from simcons.scenario.minds import NonNegative
from simcons.scenario.names import CODE_FORM
from simcons.scenario.parameters import StrictModel

OrdinalRule: TypeAlias = Literal["leximin", "schulze", "borda", "approval"]
OwnRule = NewType("OwnRule", str)  # a function by its name: package.module:name, or file.py:name
RuleSpec: TypeAlias = float | OrdinalRule | OwnRule  # a number is an alpha of the isoelastic family
TieRule: TypeAlias = Literal["random", "first", "random_ballot"]

NAMED_ALPHAS = {"utilitarian": 0.0, "nash": 1.0, "rawlsian": float("inf")}
_OTHER_NAMES = {"bernoulli-nash": "nash", "egalitarian": "rawlsian", "maximin": "rawlsian"}
UTILITARIAN: RuleSpec = NAMED_ALPHAS["utilitarian"]  # what other rules are compared with
DEFAULT_RULES: tuple[RuleSpec, ...] = (0.0, 0.5, 1.0, 2.0, inf, "leximin", "schulze", "borda", "approval")
_FUNCTION = re.compile(CODE_FORM)
DEFAULT_JUDGES = (0.0, 1.0, 2.0, inf)  # alphas by which the truth judges what was chosen
AGREES = 5.0  # "somewhat agree" on the 1-7 scale
# What a map's utilities are all above or at, and at most: thresholds beyond are met by everybody or nobody.
_UTILITIES = {"likert": (1, 7), "exp": (0, inf), "sigmoid": (0, 1), "affine": (0, inf), "raw": (-inf, inf)}


def read_rule(given: Any) -> RuleSpec:
    """A rule as a user gives it: an alpha as a number or in words, or the name of another rule or of a function.

    Raises ValueError. Functions are not looked for here.
    """
    if isinstance(given, str) and _FUNCTION.fullmatch(given.strip()):
        return OwnRule(given.strip())
    name = given.strip().lower() if isinstance(given, str) else given
    if isinstance(name, str):
        name = _OTHER_NAMES.get(name.replace("_", "-").replace(" ", "-"), name)
    if name in get_args(OrdinalRule):
        return cast(OrdinalRule, name)
    if isinstance(name, str) and name in NAMED_ALPHAS:
        return NAMED_ALPHAS[name]
    try:
        alpha = float(name.removeprefix("alpha").replace(".inf", "inf") if isinstance(name, str) else name)
    except (TypeError, ValueError):
        alpha = float("nan")
    if isinstance(given, bool) or not alpha >= 0:
        known = ", ".join([*NAMED_ALPHAS, *get_args(OrdinalRule)])
        raise ValueError(
            f"rule {given!r}: expected an alpha of at least 0, inf, or one of {known}, or a function, file.py:name"
        )
    return alpha


GivenRule: TypeAlias = Annotated[RuleSpec, BeforeValidator(read_rule)]


_ArmRule: TypeAlias = Literal["isoelastic", OrdinalRule] | OwnRule


def _named(given: Any) -> Any:
    """What `WelfareSettings.rule` may be; alphas have become isoelastic before. Raises ValueError."""
    return given if given == "isoelastic" else read_rule(given)


class LikertMapSettings(StrictModel):
    """Utility = predicted agreement on the 1-7 scale, clipped to it."""

    kind: Literal["likert"] = "likert"


class ExpMapSettings(StrictModel):
    """Utility = exp(score / temperature)."""

    kind: Literal["exp"]
    temperature: PositiveFloat = Field(
        1.0, description="in units of the score; the smaller, the more the highest scores count"
    )


class SigmoidMapSettings(StrictModel):
    """Utility = 1 / (1 + exp(-(score - shift) / temperature))."""

    kind: Literal["sigmoid"]
    temperature: PositiveFloat = Field(1.0, description="in units of the score")
    shift: float = Field(4.0, description="the score with a utility of one half")


class AffineMapSettings(StrictModel):
    """Utility = scale * score + shift; must come out positive."""

    kind: Literal["affine"]
    scale: PositiveFloat = Field(1.0, description="utility gained a unit of the score")
    shift: float = Field(0.0, description="the utility of a score of 0")


class RawMapSettings(StrictModel):
    """Utility = score as it is. Of the alphas only 0 and inf are defined for scores of any sign; the other rules all are."""

    kind: Literal["raw"]


UtilityMapSettings: TypeAlias = Annotated[
    LikertMapSettings | ExpMapSettings | SigmoidMapSettings | AffineMapSettings | RawMapSettings,
    Field(discriminator="kind"),
]


class LogNormalAlphaSettings(StrictModel):
    """Inequality aversion drawn anew for each selected statement, so that a slate spans several SWFs."""

    kind: Literal["lognormal"]
    mu: float = Field(0.0, description="mean of its logarithm")
    sigma: NonNegative = Field(1.0, description="SD of its logarithm")


def check_map(utility_map: UtilityMapSettings, spec: RuleSpec | LogNormalAlphaSettings) -> None:
    """Raise ValueError where a rule has no meaning for the utilities that a map gives."""
    if utility_map.kind == "raw" and not isinstance(spec, str) and spec not in (0.0, inf):
        raise ValueError(
            f"utility_map raw with alpha {_in_words(spec)}: expected alpha 0 or .inf, as raw scores have any sign"
        )


class WelfareSettings(StrictModel):
    """The social welfare function: the rule, the map from scores to utilities, and what breaks ties.

    Schulze and Borda read each person's order alone and leximin who is better off, so that a map which keeps the order decides
    nothing there.
    """

    rule: Annotated[_ArmRule, BeforeValidator(_named, json_schema_input_type=_ArmRule | float)] = Field(
        "isoelastic",
        description="isoelastic: the family of means by alpha, which utilitarian, nash, rawlsian and a number name too; leximin: "
        "the worst-off first, then the second worst-off, ...; schulze, borda: from each person's order of the candidates; "
        "approval: the share of people at or above threshold; or a function of your own, file.py:name or package.module:name",
    )
    alpha: float | LogNormalAlphaSettings | None = Field(
        None, description="isoelastic only: 0 utilitarian (the default), 1 Bernoulli-Nash, .inf Rawlsian, or drawn"
    )
    threshold: FiniteFloat | None = Field(
        None, description="approval only: the utility from which a person approves; by default that of a score of 5"
    )
    utility_map: UtilityMapSettings = Field(LikertMapSettings(), description="from scores to utilities")
    ties: TieRule = Field(
        "random",
        description="random; first: the first drawn; random_ballot: by the predicted order of a randomly drawn person, and "
        "another's where that is level",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: Any) -> Any:
        """Alpha 0, where isoelastic is given none, and the alpha that the rule is a name of."""
        if not isinstance(given, dict):
            return given
        if (rule := given.get("rule", "isoelastic")) == "isoelastic":
            return {"alpha": 0.0, **given}
        try:
            alpha = read_rule(rule)
        except ValueError:  # said of the rule by itself
            return given
        if isinstance(alpha, str):
            return given
        if given.get("alpha") is not None:
            raise ValueError(f"alpha {given['alpha']} with rule {rule}: expected no alpha, which this rule names")
        return {**given, "rule": "isoelastic", "alpha": alpha}

    @field_validator("alpha", mode="after")
    @classmethod
    def _alpha_not_negative(cls, alpha: float | LogNormalAlphaSettings | None) -> float | LogNormalAlphaSettings | None:
        if isinstance(alpha, float) and not alpha >= 0:
            raise ValueError(f"value {alpha}: expected at least 0 (.inf for Rawlsian)")
        return alpha

    @model_validator(mode="after")
    def _settings_of_the_rule(self) -> Self:
        if (self.alpha is None) == (self.rule == "isoelastic"):
            expected = (
                "a number or a distribution" if self.alpha is None else "no alpha (null), which only isoelastic has"
            )
            raise ValueError(f"alpha {_in_words(self.alpha)} with rule {self.rule}: expected {expected}")
        if self.threshold is not None:
            _check_threshold(self.threshold, self.rule, self.utility_map)
        check_map(self.utility_map, self.spec)
        return self

    @property
    def spec(self) -> RuleSpec | LogNormalAlphaSettings:
        """The rule as the library names it: an alpha, drawn or not, an ordinal rule, or a function."""
        if self.rule != "isoelastic":
            return self.rule
        return 0.0 if self.alpha is None else self.alpha

    @property
    def own_rule(self) -> OwnRule | None:
        """The function that is its rule, where that is one of the user's own."""
        return OwnRule(self.rule) if ":" in self.rule else None


def _check_threshold(threshold: float, rule: str, utility_map: UtilityMapSettings) -> None:
    if rule != "approval":
        raise ValueError(f"threshold {threshold} with rule {rule}: expected no threshold, which only approval has")
    above, most = _UTILITIES[utility_map.kind]
    if not above < threshold <= most:
        expected = f"above {above:g}" if most == inf else f"above {above:g} and at most {most:g}"
        raise ValueError(f"threshold {threshold} with utility_map {utility_map.kind}: expected {expected}")


def _in_words(setting: RuleSpec | LogNormalAlphaSettings | None) -> str:
    return "none" if setting is None else setting.kind if isinstance(setting, LogNormalAlphaSettings) else str(setting)
