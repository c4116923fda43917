"""British English."""

from __future__ import annotations

from simcons.languages.cues import ReadingCues
from simcons.languages.en_gb.answers import ANSWERS
from simcons.languages.en_gb.banks import BANKS
from simcons.languages.en_gb.chat import CHAT
from simcons.languages.en_gb.exploits import EXPLOITS
from simcons.languages.en_gb.framing import FRAMING, POLARITY
from simcons.languages.en_gb.opinions import OPINIONS
from simcons.languages.en_gb.people import PEOPLE
from simcons.languages.en_gb.proposals import PROPOSALS
from simcons.languages.en_gb.reading import READING
from simcons.languages.en_gb.replies import REPLIES
from simcons.languages.en_gb.scales import SCALES
from simcons.languages.en_gb.statements import ATTACKS, STATEMENTS
from simcons.languages.en_gb.style import ADDRESS, FLUENCY, SUBJECT
from simcons.languages.en_gb.text import TEXT
from simcons.languages.en_gb.topics import TOPICS
from simcons.languages.en_gb.variation import VARIATION
from simcons.languages.en_gb.verdicts import VERDICTS
from simcons.languages.language import Language

EN_GB = Language(
    code="en_GB",
    text=TEXT,
    variation=VARIATION,
    reading=ReadingCues(
        framing=FRAMING, polarity=POLARITY, verdicts=VERDICTS, fluency=FLUENCY, address=ADDRESS, subject=SUBJECT
    ),
    answers=ANSWERS,
    reading_answers=READING,
    scales=SCALES,
    replies=REPLIES,
    opinions=OPINIONS,
    statements=STATEMENTS,
    attacks=ATTACKS,
    exploits=EXPLOITS,
    people=PEOPLE,
    proposals=PROPOSALS,
    topics=TOPICS,
    banks=BANKS,
    chat=CHAT,
)
