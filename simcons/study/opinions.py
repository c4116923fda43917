"""A member's opinion: how it comes about, what is sent of it, and its records."""

from __future__ import annotations

from simcons.engines.acts import at_once
from simcons.engines.base import Act
from simcons.population.minds.discussion import Discussion, Respondent, Submission
from simcons.population.minds.fidelity import fidelity
from simcons.population.minds.hostile import Attack, attacked, wants_it
from simcons.population.minds.mind import Draft, Written
from simcons.population.minds.voices import STANCE_VERDICTS
from simcons.population.minds.writer import write_carelessly
from simcons.questions.bank import Question
from simcons.questions.framing import OUTRIGHT
from simcons.questions.reading import Mention, Reading
from simcons.records import FidelityRecord, TrueOpinion
from simcons.seeds import stream
from simcons.study.plan import Plan


def compose(plan: Plan, person: Respondent, words: float, *, careless: bool) -> Act[Draft]:
    """An opinion of about ``words`` words, as the person's mind has it, or as those write who have stopped caring."""
    if not careless:
        return plan.mind.write(person, words)
    rng = stream(plan.scenario.seed, "opinion", person.participant_id, person.question.id)
    return at_once(Draft(write_carelessly(plan.language, rng), careless=True))


def submission(plan: Plan, person: Respondent, draft: Draft, share: float) -> Submission | None:
    """The text sent of ``draft`` once ``share`` of it has been typed, with the attack of one who is hostile; None where that is
    not one word.
    """
    words = draft.opinion.text.split() if draft.opinion else []
    honest_text = " ".join(words[: int(len(words) * share)])
    if draft.opinion is None or not honest_text:
        return None
    attack = plan.attack(person.participant_id)
    return Submission(
        opinion_id=f"{person.round_id}-{person.participant_id}",
        meant=draft.opinion,
        text=honest_text if attack is None else _attacked(plan, person, honest_text, attack),
        honest_text=honest_text,
        careless=draft.careless,
        attack=attack,
    )


def _attacked(plan: Plan, person: Respondent, honest_text: str, attack: Attack) -> str:
    wants = wants_it(person.position, plan.latent.conviction(person).position)
    rng = stream(plan.scenario.seed, "attack", person.participant_id, person.question.id)
    return attacked(honest_text, attack, person.question, plan.language, wants=wants, rng=rng)


def true_opinion(sent: Submission, question: Question) -> TrueOpinion:
    return TrueOpinion(
        opinion_id=sent.opinion_id,
        stance=sent.meant.stance,
        stated=sent.meant.stance is not None and sent.meant.stated,
        claims=[question.claims[claim].id for claim in sent.meant.claims],
        denied=[question.claims[claim].id for claim in sent.meant.denied],
        careless=sent.careless,
        attack=sent.attack,
        honest_text=sent.honest_text,
    )


def as_meant(sent: Submission) -> Reading | None:
    """The claims and the verdict that its author means it to give, as a reader without fault would have them; None where that is
    not known, as of a language model that was not told what to hold. Its form is not looked at.
    """
    if sent.meant.stance is None and not (sent.meant.claims or sent.careless):
        return None
    meant = [(claim, 1) for claim in sent.meant.claims] + [(claim, -1) for claim in sent.meant.denied]
    return Reading(
        mentions=tuple(Mention(claim, polarity, place, OUTRIGHT) for place, (claim, polarity) in enumerate(meant)),
        verdict=None if sent.meant.stance is None else STANCE_VERDICTS[sent.meant.stance],
        n_words=len(sent.honest_text.split()),
        n_sentences=len(meant) + 1,
        on_topic=1.0,
        repetition=0.0,
        fluency=1.0,
        first_person=1.0,
        directed=False,
        complete=True,
    )


def check_fidelity(
    discussion: Discussion, person: Respondent, sent: Submission, written: Written
) -> Act[FidelityRecord | None]:
    """Compare an opinion that a language model wrote with what the person holds, as the reader finds; None where it cannot."""
    [reading] = yield from discussion.read([sent.honest_text])
    if reading.missing:
        return None
    compared = fidelity(reading, position=person.position, beliefs=written.told)
    return FidelityRecord(
        opinion_id=sent.opinion_id,
        verdict_read=compared.verdict_read,
        sides_with_position=compared.sides_with_position,
        n_told=compared.n_told,
        n_said=compared.n_said,
        n_contradicted=compared.n_contradicted,
    )
