"""From a mediation to records: candidates numbered, the picked ones put on the slate, selections and scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from simcons.mediator.pipeline import Mediation, Pool
from simcons.named_code import shown
from simcons.records import (
    CandidateRecord,
    FailedSelectionRecord,
    OracleScore,
    Record,
    SampleRecord,
    ScoreRecord,
    SelectionRecord,
)
from simcons.scenario.study import Scenario
from simcons.study.plan import Plan
from simcons.study.rounds import Round, Shown

Ids: TypeAlias = dict[tuple[int, int], str]  # (pool, sample) -> candidate


@dataclass(frozen=True, slots=True)
class Assembled:
    """A round's candidates: their records, the texts in the same order, and what goes on the slate."""

    candidates: tuple[CandidateRecord, ...]
    others: tuple[Record, ...]  # samples, selections and scores
    shown: tuple[Shown, ...]
    everything: tuple[Shown, ...]  # all candidates, in the order of their numbers


def assemble(current: Round, mediation: Mediation, plan: Plan) -> Assembled:
    """Number every candidate of the round, and put those that were picked on the slate, in the order of their numbers.

    With ``design.others_opinions`` the members' opinions follow on the slate.
    """
    ids = _number(current.round_id, mediation.pools)
    picked = sorted({(choice.pool, pick.sample) for choice in mediation.choices for pick in choice.picks})
    places = {chosen: place for place, chosen in enumerate(picked, start=1)}
    candidates = [
        _candidate(current.round_id, pool, ids[k, number], number, places.get((k, number)))
        for k, pool in enumerate(mediation.pools)
        for number in range(len(pool.samples))
    ]
    if plan.scenario.design.others_opinions:
        candidates += _opinions_as_candidates(current, len(places))
    authors = {sent.opinion_id: who for who, sent in current.discussion.submissions().items()}
    others: list[Record] = [
        *_samples(current.round_id, mediation.pools, ids),
        *_selections(current.round_id, mediation, ids, plan.scenario, authors),
        *_failed_selections(current.round_id, mediation, plan.scenario),
        *_scores(mediation, ids, plan.scenario, authors),
    ]
    on_slate = sorted((record for record in candidates if record.shown), key=lambda record: record.slate_place or 0)
    as_shown = {r.candidate_id: Shown(r.candidate_id, r.text, len(r.text.split()), r.author_id) for r in candidates}
    return Assembled(
        candidates=tuple(candidates),
        others=tuple(others),
        shown=tuple(as_shown[record.candidate_id] for record in on_slate),
        everything=tuple(as_shown.values()),
    )


def _number(round_id: str, pools: Sequence[Pool]) -> Ids:
    every = [(k, number) for k, pool in enumerate(pools) for number in range(len(pool.samples))]
    return {sample: f"{round_id}-c{place:03d}" for place, sample in enumerate(every, start=1)}


def _candidate(round_id: str, pool: Pool, candidate_id: str, number: int, place: int | None) -> CandidateRecord:
    sample = pool.samples[number]
    return CandidateRecord(
        candidate_id=candidate_id,
        round_id=round_id,
        source="mediator",
        generator=pool.generator,
        omitted=pool.omitted,
        opinion_ids=[opinion.opinion_id for opinion in pool.used],
        author_id=None,
        sample=sample.number,
        text=sample.text,
        shown=place is not None,
        slate_place=place,
        truncated=sample.truncated,
        tokens_in=sample.tokens_in,
        tokens_out=sample.tokens_out,
    )


def _samples(round_id: str, pools: Sequence[Pool], ids: Ids) -> Iterator[SampleRecord]:
    """The outcome of each sample asked of a language model."""
    for k, pool in enumerate(pools):
        candidates = {sample.number: (ids[k, place], sample.text) for place, sample in enumerate(pool.samples)}
        firsts: dict[str, str] = {}
        for draw in pool.draws:
            candidate_id, text = candidates.get(draw.number, (None, None))
            first = firsts.setdefault(text, candidate_id) if text and candidate_id else None
            yield SampleRecord(
                round_id=round_id,
                generator=pool.generator,
                omitted=pool.omitted,
                sample=draw.number,
                candidate_id=candidate_id,
                same_text_as=None if first == candidate_id else first,
                attempts=draw.attempts,
                missing=draw.missing,
                raw=draw.raw if draw.missing else None,
                reasoning=draw.reasoning or None,
            )


def _selections(
    round_id: str, mediation: Mediation, ids: Ids, scenario: Scenario, authors: Mapping[str, str]
) -> Iterator[SelectionRecord]:
    mediators = {mediator.arm: mediator for mediator in scenario.mediators}
    for choice in mediation.choices:
        mediator, pool = mediators[choice.arm], mediation.pools[choice.pool]
        for number, pick in enumerate(choice.picks, start=1):
            yield SelectionRecord(
                round_id=round_id,
                arm=choice.arm,
                upper_bound=scenario.is_upper_bound(mediator),
                omitted=pool.omitted,
                pick=number,
                candidate_id=ids[choice.pool, pick.sample],
                rule=pick.rule,
                alpha=pick.alpha,
                utility_map=mediator.welfare.utility_map.kind,
                welfare=pick.welfare,
                n_tied=pick.n_tied,
                tie_rule=mediator.welfare.ties,
                decided_by=None if pick.decider is None else authors[pool.used[pick.decider].opinion_id],
                redraws=pick.redraws,
            )


def _failed_selections(round_id: str, mediation: Mediation, scenario: Scenario) -> Iterator[FailedSelectionRecord]:
    mediators = {mediator.arm: mediator for mediator in scenario.mediators}
    for choice in mediation.choices:
        if choice.failure is not None:
            omitted, rule = mediation.pools[choice.pool].omitted, shown(mediators[choice.arm].welfare.rule)
            yield FailedSelectionRecord(round_id, choice.arm, omitted, rule, choice.failure)


def _scores(mediation: Mediation, ids: Ids, scenario: Scenario, authors: Mapping[str, str]) -> Iterator[ScoreRecord]:
    """Scores of all candidates; those of an oracle are true appraisals and go under truth/."""
    for (k, scorer), scores in mediation.scores.items():
        record_type = OracleScore if scenario.scorers[scorer].upper_bound else ScoreRecord
        for opinion, row in zip(mediation.pools[k].used, scores.tolist(), strict=True):
            for number, score in enumerate(row):
                yield record_type(
                    candidate_id=ids[k, number],
                    opinion_id=opinion.opinion_id,
                    participant_id=authors[opinion.opinion_id],
                    scorer=scorer,
                    score=None if np.isnan(score) else score,
                )


def _opinions_as_candidates(current: Round, n_before: int) -> Iterator[CandidateRecord]:
    for number, (who, sent) in enumerate(current.discussion.submissions().items(), start=1):
        yield CandidateRecord(
            candidate_id=f"{current.round_id}-o{number:03d}",
            round_id=current.round_id,
            source="opinion",
            generator=None,
            omitted=None,
            opinion_ids=[sent.opinion_id],
            author_id=who,
            sample=None,
            text=sent.text,
            shown=True,
            slate_place=n_before + number,
            truncated=False,
            tokens_in=None,
            tokens_out=None,
        )
