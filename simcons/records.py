"""Records of a study: one frozen record type a table, flat but for answers by scale, which are a column each.

Times (``*_at``) are simulated seconds since the study opened; durations are in seconds. ``None`` is missing, never 0 or "".
Tables under ``truth/`` hold what no study of people could know; nothing that trains or scores a mediator reads them.
Tables under ``telemetry/`` are about the run and not the study: they differ each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Outcome: TypeAlias = Literal[
    "no_show",  # recruited, never arrived
    "screened_out",
    "declined",  # did not consent
    "gave_up_waiting",  # left the lobby
    "turned_away",  # every group was full
    "finished",
    "dropped_out",
    "group_ended",  # the group became too small to go on
]
ScreenName: TypeAlias = Literal[
    "screening",
    "consent",
    "lobby",
    "instructions",
    "position",
    "opinion",
    "wait_slate",
    "rating",
    "ranking",
    "position_again",
    "wait_round",
    "debrief",
]
MissingReason: TypeAlias = Literal[
    "time_limit",
    "refusal",  # the language model would not answer
    "empty",  # it said nothing
    "reasoning",  # it reasoned and came to no answer
    "echo",  # it repeated its prompt, or spoke of its task
    "loop",  # it said the same again and again
    "list",  # it made a list, asked for running text
    "off_question",  # it wrote of something else
    "off_scale",  # it answered something that is none of the options
    "filtered",  # a content filter stopped the request or its answer
    "too_long",  # the request does not fit the model's context
    "refused",  # the server would not take this one request
    "error",  # code or a server of a user's own failed
    "malformed",  # it returned something that is no text
    "oversized",  # it returned more than anybody would read
]


@dataclass(frozen=True, slots=True)
class ParticipantRecord:
    """One recruited person: demographics as surveyed, how it ended, what they were paid."""

    participant_id: str
    session_id: str | None
    launch: int
    outcome: Outcome
    recruited_at: float
    arrived_at: float | None
    left_at: float | None
    sex: str
    age: int
    ethnicity: str
    region: str
    education: str
    work: str
    children: bool
    table_row: int | None  # of the population's table, from 1; None where the population is no table
    paid_seconds: float
    pay_gbp: float
    fee_gbp: float
    vat_gbp: float


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One group."""

    session_id: str
    launch: int
    group_size: int
    started_at: float
    ended_at: float
    outcome: Literal["finished", "ended_early"]
    n_rounds: int  # of which the group went through all stages
    n_members_left: int


@dataclass(frozen=True, slots=True)
class RoundRecord:
    """One question discussed by one group."""

    round_id: str
    session_id: str
    round_index: int
    question_id: str
    topic: str
    split: str
    question: str
    position_statement: str
    started_at: float
    opinions_at: float | None  # the last opinion was in
    slate_at: float | None  # the candidates were shown
    ended_at: float
    n_opinions: int
    complete: bool


@dataclass(frozen=True, slots=True)
class ScreenRecord:
    """One screen seen by one person, from entering to leaving it."""

    session_id: str | None
    round_id: str | None
    participant_id: str
    screen: ScreenName
    candidate_id: str | None
    pass_index: int | None
    entered_at: float
    left_at: float
    timed_out: bool


@dataclass(frozen=True, slots=True)
class PositionRecord:
    """Agreement with the position statement, asked before anything else of the round, and perhaps once more at its end."""

    round_id: str
    participant_id: str
    moment: Literal["before", "after"]
    rating: int | None
    missing: MissingReason | None
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class OpinionRecord:
    """An opinion as submitted."""

    opinion_id: str
    round_id: str
    participant_id: str
    text: str
    n_words: int
    at: float
    seconds: float
    cut_short: bool  # the time limit came first


@dataclass(frozen=True, slots=True)
class CandidateRecord:
    """One statement: sampled by a mediator, shown or not, or another member's opinion put to the vote."""

    candidate_id: str
    round_id: str
    source: Literal["mediator", "opinion"]
    generator: str | None  # the first arm that has this generator; arms with the same one share its candidates
    omitted: int | None  # opinions silently left out
    opinion_ids: list[str]  # the opinions it was made from; its own where source is opinion
    author_id: str | None
    sample: int | None
    text: str
    shown: bool
    slate_place: int | None
    truncated: bool
    tokens_in: int | None
    tokens_out: int | None


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One sample asked of a language model, or statement of a pipeline, and its outcome. Scripted mediators ask for none."""

    round_id: str
    generator: str
    omitted: int
    sample: int
    candidate_id: str | None  # None where no attempt gave a usable text
    same_text_as: str | None  # the first candidate of these samples that has its text, where there is one before it
    attempts: int
    missing: MissingReason | None
    raw: str | None  # the last reply, where it could not be used
    reasoning: str | None  # what the model wrote for itself; nobody was shown it


@dataclass(frozen=True, slots=True)
class SelectionRecord:
    """An arm's reason to show a statement. Rule, alpha and welfare are missing where nothing was reranked.

    Where a pipeline of the user's own has chosen, welfare is its own score, if it gives any, and there is no rule.

    Welfare is in the units of the utilities where the rule is isoelastic; for approval it is the share who approve, for borda the
    mean number of candidates put below. Leximin and schulze give an order alone: welfare is missing. Of a rule of the user's own
    it is what the function returned.

    Arms that share a generator may pick the same candidate; it is then shown, and rated, once, for both.
    """

    round_id: str
    arm: str
    upper_bound: bool  # the arm saw true appraisals
    omitted: int
    pick: int
    candidate_id: str
    rule: str | None  # isoelastic, leximin, schulze, borda, approval, or file.py:name
    alpha: float | None  # of isoelastic
    utility_map: str
    welfare: float | None
    n_tied: int  # candidates that share its place; 1 if there was no tie
    tie_rule: str
    decided_by: str | None  # the participant whose predicted order broke the tie, under random_ballot
    redraws: int


@dataclass(frozen=True, slots=True)
class FailedSelectionRecord:
    """An arm that picked nothing, as its rule, a function of the user's own, failed on the scores that there were."""

    round_id: str
    arm: str
    omitted: int
    rule: str  # file.py:name
    why: str  # what it raised or returned, and for which utilities


@dataclass(frozen=True, slots=True)
class ScoreRecord:
    """Agreement that a scorer predicted for one opinion's author and one candidate."""

    candidate_id: str
    opinion_id: str
    participant_id: str
    scorer: str
    score: float | None  # on the 1-7 scale; None where the scorer came to none


@dataclass(frozen=True, slots=True)
class RatingRecord:
    """One person's answers on one candidate in one pass."""

    round_id: str
    participant_id: str
    candidate_id: str
    pass_index: int  # 1, 2
    place: int  # in the order this person saw, from 1
    answers: dict[str, int | None]  # by the name of the scale; a column for each scale that the scenario asks
    missing: MissingReason | None
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class RankingRecord:
    """The place that one person gave one candidate among those shown. One screen gives all of a person's rows in a round."""

    round_id: str
    participant_id: str
    candidate_id: str
    rank: int | None  # 1 is the best; ties share the lower number, and as many numbers after it are left out
    place: int  # in the order this person saw, from 1
    missing: MissingReason | None
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class MediationRecord:
    """One round's call to the mediator, on the simulated clock."""

    round_id: str
    submitted_at: float
    needed_at: float
    queued_seconds: float
    n_requests: int
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """The work of an engine in a stretch of wall time, about half a second or one call of it. Differs from run to run."""

    engine: str
    began_wall: float  # seconds since the program began the study, or resumed it
    ended_wall: float
    busy_seconds: float
    n_replies: int
    largest_batch: int  # requests it had at a time
    waiting: int  # requests for it at the end of the stretch that it did not have yet
    under_way: int
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, slots=True)
class TruePersona:
    """Traits of a participant that nobody could survey."""

    participant_id: str
    persona_id: int
    economic: float
    authority: float
    environment: float
    openness: float
    tradition: float
    technology: float
    noise: float
    acquiescence: float
    extremity: float
    carelessness: str
    careless_from_at: float | None  # when a careful person stopped caring, if it came to that


@dataclass(frozen=True, slots=True)
class TruePosition:
    """A person's true position on the position statement, on the 1-7 scale."""

    round_id: str
    participant_id: str
    position: float | None


@dataclass(frozen=True, slots=True)
class TrueOpinion:
    """The intended content of an opinion."""

    opinion_id: str
    stance: str | None
    stated: bool
    claims: list[str]
    denied: list[str]
    careless: bool
    attack: str | None  # what a hostile writer tried on the mediator
    honest_text: str  # without that


@dataclass(frozen=True, slots=True)
class TrueAppraisal:
    """A person's true appraisal of a candidate, shown or not. Missing where a language model that judges gave no answer."""

    round_id: str
    candidate_id: str
    participant_id: str
    values: dict[str, float | None]  # by the name of the scale; a column for each


@dataclass(frozen=True, slots=True)
class ElicitationRecord:
    """One question put to the language model that plays a person, and its outcome after its retries."""

    round_id: str
    participant_id: str
    about: str  # position, opinion, or the name of a scale
    candidate_id: str | None
    value: float | None  # expected, or given, on the 1-7 scale
    spread: float | None  # SD of the model's own distribution over the seven answers
    mass: float | None  # share of its probability on the seven answers together
    listed: str | None  # whether the options were listed from 1 up or from 7 down
    attempts: int
    missing: MissingReason | None
    raw: str | None  # a reply that could not be used, or the free text that was
    reasoning: str | None  # what the model wrote for itself before its answer


@dataclass(frozen=True, slots=True)
class FidelityRecord:
    """Agreement of an opinion written by a language model with what the person holds, as far as the reader can tell."""

    opinion_id: str
    verdict_read: float | None  # -1 against to 1 for
    sides_with_position: bool | None  # None: near the midpoint, or no verdict found
    n_told: int  # claims that the model was told the person makes
    n_said: int  # of them, found in the text
    n_contradicted: int  # claims found that the person's latent mind holds the other way


@dataclass(frozen=True, slots=True)
class OracleScore(ScoreRecord):
    """A score that is a true appraisal; kept apart from what a deployable scorer predicted."""


Record: TypeAlias = (
    ParticipantRecord
    | SessionRecord
    | RoundRecord
    | ScreenRecord
    | PositionRecord
    | OpinionRecord
    | CandidateRecord
    | SampleRecord
    | SelectionRecord
    | FailedSelectionRecord
    | ScoreRecord
    | RatingRecord
    | RankingRecord
    | MediationRecord
    | EngineRecord
    | TruePersona
    | TruePosition
    | TrueOpinion
    | TrueAppraisal
    | ElicitationRecord
    | FidelityRecord
)

TABLES: dict[str, type[Record]] = {
    "participants": ParticipantRecord,
    "sessions": SessionRecord,
    "rounds": RoundRecord,
    "screens": ScreenRecord,
    "positions": PositionRecord,
    "opinions": OpinionRecord,
    "candidates": CandidateRecord,
    "samples": SampleRecord,
    "selections": SelectionRecord,
    "failed_selections": FailedSelectionRecord,
    "scores": ScoreRecord,
    "ratings": RatingRecord,
    "rankings": RankingRecord,
    "mediations": MediationRecord,
}
TRUTH_TABLES: dict[str, type[Record]] = {
    "personas": TruePersona,
    "positions": TruePosition,
    "opinions": TrueOpinion,
    "appraisals": TrueAppraisal,
    "elicitations": ElicitationRecord,
    "fidelity": FidelityRecord,
    "oracle_scores": OracleScore,
}
TELEMETRY_TABLES: dict[str, type[Record]] = {
    "engines": EngineRecord,
}
