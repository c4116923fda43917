"""The names of the participants' parameters, and how a population file states one.

A population file (`personas/*.yaml`) gives every parameter a value, a basis and a source; a scenario may override values by
name. The names are listed here once, so that both are checked against the same list and editors can complete them.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, cast, get_args

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from simcons.scenario.numbers import strict_numbers

ResponseStyleKey: TypeAlias = Literal[
    "noise_median",  # SD of the rating noise of the median person, in points
    "noise_log_sd",  # spread of that SD over people (log-normal)
    "retest_correlation",  # of the noise in the two ratings of one statement
    "acquiescence_mean",  # points added to every rating
    "acquiescence_sd",
    "extremity_log_sd",  # of the factor on the thresholds: below 1 uses the ends of the scale
    "scale_direction",  # points towards the option shown first
    "careless_share",  # share of people who answer without reading
    "careless_uniform",  # of the careless, share answering at random
    "careless_stuck",  # of the careless, share stuck near 5 and 6; the rest give one answer throughout
    "careless_onset_per_hour",  # hazard that a careful person stops caring
    "halo",  # how far agreement carries over into the quality rating, per point
    "fatigue_noise",  # growth of the noise SD per hour
]
TempoKey: TypeAlias = Literal[
    "reading_wpm",
    "reading_log_sd",
    "second_reading",  # share of the reading time that a second reading takes
    "composing_wpm",
    "composing_log_sd",
    "thinking_seconds",  # before the first word
    "thinking_log_sd",
    "opinion_words",
    "opinion_words_log_sd",
    "decision_seconds",  # one rating, beyond reading
    "decision_log_sd",
    "careless_decision_seconds",
    "careless_decision_log_sd",
    "fatigue_time",  # response time falls as exp(-x * hours)
    "fatigue_words",  # opinions get shorter as 1 - x * hours
]
BehaviourKey: TypeAlias = Literal[
    "no_show",  # share of the recruited who never arrive
    "screen_out",  # share of arrivals who fail the screening questions
    "decline_consent",  # share of those screened in who do not consent
    "patience_minutes",  # mean of the exponential wait in the lobby before giving up
    "patience_cap_minutes",
    "dropout_per_hour",  # hazard of leaving a session
    "dropout_waiting_factor",  # on that hazard while waiting for the others
    "no_opinion",  # share of opinions that people who care leave blank
    "recruit_factor",  # people invited per place
    "arrivals_per_minute",  # at the launch
    "arrivals_floor_per_minute",
    "arrivals_half_life_minutes",
]
ValueDimension: TypeAlias = Literal["economic", "authority", "environment", "openness", "tradition", "technology"]
Work: TypeAlias = Literal["employed", "self_employed", "student", "retired", "at_home", "unemployed"]
Register: TypeAlias = Literal["plain", "chatty", "formal"]  # how a person writes
Basis: TypeAlias = Literal["L", "E", "S", "J", "F"]  # looked up, expert knowledge, simulation, judgement, fitted

VALUE_DIMENSIONS: tuple[ValueDimension, ...] = get_args(ValueDimension)
PARAMETER_KEYS: dict[str, tuple[str, ...]] = {
    "response_style": get_args(ResponseStyleKey),
    "tempo": get_args(TempoKey),
    "behaviour": get_args(BehaviourKey),
}


class StrictModel(BaseModel):
    """A part of an input file: unknown keys are refused, numbers are numbers, values are not changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return cast(CoreSchema, strict_numbers(handler(source)))


def of_kind(default: type[StrictModel], given: Any, *others: type[StrictModel]) -> Any:
    """``given``, of the default kind where it names none and sets nothing that ``others`` alone have."""
    of_others = {key for model in others for key in model.model_fields} - default.model_fields.keys()
    if isinstance(given, dict) and not given.keys() & of_others:
        return {"kind": default.model_fields["kind"].default, **given}
    return given


class Parameter(StrictModel):
    """A number, how it is known, and where it comes from."""

    value: float
    basis: Basis
    source: str
