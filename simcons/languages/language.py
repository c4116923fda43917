"""A language: everything that depends on the words in which people write, mediators answer and questions are asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from simcons.languages.answers import AnswerCues
from simcons.languages.banks import BankRules
from simcons.languages.chat import ChatCues
from simcons.languages.cues import ReadingCues
from simcons.languages.people import PersonWords
from simcons.languages.phrases import AttackPhrases, ExploitPhrases, OpinionPhrases, StatementPhrases
from simcons.languages.proposals import ProposalRules
from simcons.languages.reading import ReadingAnswers
from simcons.languages.replies import ReplyCues
from simcons.languages.scales import ScaleWords
from simcons.languages.text import TextRules
from simcons.languages.topics import TopicCues
from simcons.languages.variation import Variation
from simcons.scale import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language. Whatever reads, writes or asks is handed it; no other module knows a word.

    code: as in locales, such as ``en_GB``.
    """

    code: str
    text: TextRules
    variation: Variation
    reading: ReadingCues
    answers: AnswerCues
    reading_answers: ReadingAnswers
    scales: Mapping[Scale, ScaleWords]
    replies: ReplyCues
    opinions: OpinionPhrases
    statements: StatementPhrases
    attacks: AttackPhrases
    people: PersonWords
    proposals: ProposalRules
    topics: TopicCues
    banks: BankRules
    exploits: ExploitPhrases = field(default_factory=ExploitPhrases)
    chat: ChatCues = field(default_factory=ChatCues)
