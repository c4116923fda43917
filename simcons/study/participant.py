"""A persona in a session: how long they take, when they tire, stop caring or leave, and how they answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import TypeAlias

import numpy as np

from simcons.arrays import Floats
from simcons.population.persona import CARELESS_KINDS, PERSON_SHARE, Persona
from simcons.population.response_style import (
    RatingParameters,
    careless_kind,
    correlated,
    draw_noise,
    rank,
    rank_carelessly,
    rate,
    rate_carelessly,
    shared_noise,
)
from simcons.scale import AGREEMENT, HIGHEST, LOWEST, MIDPOINT, PAIRED, Scale
from simcons.seeds import stream

Noise: TypeAlias = list[list[float]]  # standard normal, by place on the slate and pass

_HOUR = 3600.0
_CARELESS_BLANK = 6  # times as often as others somebody who has stopped caring leaves an opinion blank [J]
CARELESS_READING = 0.15  # share of the text that somebody who has stopped caring takes in [J]
CARELESS_THOUGHT = 3.0  # seconds that they think before they write [J]
CARELESS_TYPING = 0.5  # share of the time that they would take to write as much with care [J]
_WITHIN = (1 - PERSON_SHARE) ** 0.5  # share of a log SD that lies between one person's moments


@dataclass(frozen=True, slots=True)
class Manner:
    """The population's parameters of timing, rating and behaviour, as plain numbers."""

    tempo: Mapping[str, float]
    behaviour: Mapping[str, float]
    style: Mapping[str, float]
    rating: RatingParameters

    @classmethod
    def of(cls, parameters: Mapping[str, Mapping[str, float]]) -> Manner:
        style = parameters["response_style"]
        return cls(parameters["tempo"], parameters["behaviour"], style, RatingParameters.of(style))


class Participant:
    """One person taking part. All that can vary is drawn from streams of their own."""

    def __init__(self, participant_id: str, persona: Persona, manner: Manner, *, seed: int, arrived_at: float) -> None:
        self.participant_id = participant_id
        self.persona = persona
        self.manner = manner
        self.seed = seed
        self.arrived_at = arrived_at
        rng = stream(seed, "participant", participant_id)
        # The hazard of leaving accumulates over time, faster while waiting; they leave when it has used this up.
        self._stamina = float(rng.exponential())
        self._careless_from = self._draw_careless_from(rng)
        self._careless_kind = self._draw_careless_kind(rng)
        self._habit = int(rng.integers(3, 6))
        self.ascending = bool(rng.random() < 0.5)  # option 1 first; drawn once, as a survey tool would

    # --- leaving ---

    def leaves_within(self, seconds: float, *, waiting: bool) -> float | None:
        """Seconds until they leave for good, if that is within ``seconds`` from now; else their stamina is used up so far."""
        hazard = self.manner.behaviour["dropout_per_hour"] / _HOUR
        if waiting:
            hazard *= self.manner.behaviour["dropout_waiting_factor"]
        used = hazard * seconds
        if used >= self._stamina:
            return self._stamina / hazard
        self._stamina -= used
        return None

    def spend(self, seconds: float, *, waiting: bool) -> None:
        """Use up stamina for a time that has passed already."""
        self.leaves_within(seconds, waiting=waiting)

    def patience(self, *, waiting: bool) -> float:
        """Seconds they would stay from now, if nothing else happened."""
        hazard = self.manner.behaviour["dropout_per_hour"] / _HOUR
        if waiting:
            hazard *= self.manner.behaviour["dropout_waiting_factor"]
        return self._stamina / hazard if hazard else float("inf")

    # --- caring ---

    def hours(self, now: float) -> float:
        return (now - self.arrived_at) / _HOUR

    def is_careless(self, now: float) -> bool:
        return now >= self._careless_from

    @property
    def careless_from_at(self) -> float | None:
        return self._careless_from if self._careless_from < float("inf") else None

    def _draw_careless_from(self, rng: np.random.Generator) -> float:
        onset = float(rng.exponential())
        if self.persona.style.carelessness != "none":
            return self.arrived_at
        hazard = self.manner.rating.careless_onset_per_hour
        return self.arrived_at + onset / hazard * _HOUR if hazard else float("inf")

    def _draw_careless_kind(self, rng: np.random.Generator) -> int:
        """The place in CARELESS_KINDS of what they are, or would become."""
        u = rng.random()
        if self.persona.style.carelessness != "none":
            return CARELESS_KINDS.index(self.persona.style.carelessness)
        return int(careless_kind(u, self.manner.style["careless_uniform"], self.manner.style["careless_stuck"]))

    # --- timing ---

    def reading_seconds(self, n_words: int, now: float, *, again: bool = False) -> float:
        seconds = n_words / self.persona.tempo.reading_wpm * 60
        if again:
            seconds *= self.manner.tempo["second_reading"]
        return seconds * (CARELESS_READING if self.is_careless(now) else 1.0)

    def decision_seconds(self, normal: float, now: float) -> float:
        """Seconds to answer one rating question, given a standard normal draw; people speed up as they tire."""
        tempo = self.manner.tempo
        if self.is_careless(now):
            return float(tempo["careless_decision_seconds"] * exp(tempo["careless_decision_log_sd"] * normal))
        median = self.persona.tempo.decision_seconds
        return float(
            median * exp(_WITHIN * tempo["decision_log_sd"] * normal - tempo["fatigue_time"] * self.hours(now))
        )

    def leaves_blank(self, round_id: str, now: float) -> bool:
        """True if they write no opinion in a round: they have none, or cannot be bothered."""
        share = self.manner.behaviour["no_opinion"] * (_CARELESS_BLANK if self.is_careless(now) else 1)
        return float(stream(self.seed, "no_opinion", self.participant_id, round_id).random()) < share

    def opinion_words(self, normal: float, now: float) -> float:
        """Words of the next opinion: the person's own length, a little variation, shorter with time."""
        tired = max(0.3, 1 - self.manner.tempo["fatigue_words"] * self.hours(now))
        spread = _WITHIN * self.manner.tempo["opinion_words_log_sd"]
        return float(self.persona.writing.words * exp(spread * normal) * tired)

    def composing_seconds(self, n_words: int, normal: float, now: float) -> tuple[float, float]:
        """Seconds of thought before the first word, and of typing ``n_words``."""
        if self.is_careless(now):
            return CARELESS_THOUGHT, n_words / self.persona.tempo.composing_wpm * 60 * CARELESS_TYPING
        spread = _WITHIN * self.manner.tempo["thinking_log_sd"]
        thinking = self.persona.tempo.thinking_seconds * exp(spread * normal)
        return float(thinking), n_words / self.persona.tempo.composing_wpm * 60

    # --- answering ---

    def noise(self, round_id: str, scales: Iterable[Scale], n_statements: int, passes: int) -> dict[Scale, Noise]:
        """The noise of this person's ratings in one round, on each scale whatever other scales there are."""

        def draw(n_scales: int, *key: str) -> list[Noise]:
            rng = stream(self.seed, "noise", self.participant_id, round_id, *key)
            noise = draw_noise(n_statements, n_scales, passes, self.manner.rating.retest_correlation, rng)
            by_scale: list[Noise] = noise.swapaxes(0, 1).tolist()
            return by_scale

        paired = dict(zip(PAIRED, draw(len(PAIRED)), strict=True))
        return {scale: paired[scale] if scale in paired else draw(1, scale.name)[0] for scale in scales}

    def answer(
        self, appraisal: float, noise: float, now: float, rng: np.random.Generator, *, n_options: int = HIGHEST
    ) -> int:
        """A rating of something appraised at ``appraisal``: from 1 to ``n_options``."""
        if self.is_careless(now):
            return self._answer_carelessly(rng, n_options)
        style, parameters = self.persona.style, self.manner.rating
        rating = rate(
            appraisal,
            noise,
            noise_sd=parameters.noise_sd(style, self.hours(now)),
            acquiescence=style.acquiescence,
            extremity=style.extremity,
            direction=parameters.direction(ascending=self.ascending),
            n_options=n_options,
        )
        return int(rating)

    def _answer_carelessly(self, rng: np.random.Generator, n_options: int) -> int:
        """On a scale with other than seven points, the option in the same place; at random within it from those who answer so."""
        rating = int(rate_carelessly(self._careless_kind, self._habit, rng.integers))
        if n_options == HIGHEST:
            return rating
        within = rng.random() if CARELESS_KINDS[self._careless_kind] == "uniform" else 0.5
        return LOWEST + int((rating - LOWEST + within) * n_options / HIGHEST)

    def ranking_noise(self, round_id: str, n_statements: int) -> Floats:
        """The noise of this person's ranking in one round, by place on the slate: that of one more pass of agreement."""
        of_ratings, own = (
            stream(self.seed, name, self.participant_id, round_id) for name in ("noise", "ranking_noise")
        )
        shared = shared_noise(n_statements, len(PAIRED), of_ratings)[:, PAIRED.index(AGREEMENT)]
        return correlated(shared, own.standard_normal(n_statements), self.manner.rating.retest_correlation)

    def rank(self, appraisals: Floats, noise: Floats, now: float) -> list[int]:
        """Ranks of statements appraised so, by somebody who cares."""
        style = self.persona.style
        noise_sd = self.manner.rating.noise_sd(style, self.hours(now))
        ranks = rank(appraisals, noise, noise_sd=noise_sd, acquiescence=style.acquiescence, extremity=style.extremity)
        return [int(number) for number in ranks]

    def rank_carelessly(self, n_statements: int, rng: np.random.Generator) -> list[int]:
        """Ranks of statements in the order shown, by somebody who does not care."""
        return [int(number) for number in rank_carelessly(self._careless_kind, n_statements, rng)]

    def halo(self, agreement: int | None) -> float:
        """Points that the agreement just given, if any was, adds to what is answered next about the same statement."""
        return 0.0 if agreement is None else self.manner.rating.halo * (agreement - MIDPOINT)
