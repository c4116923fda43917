"""English: words that tell what a question is about [J]."""

from __future__ import annotations

import re

from simcons.languages.text import word_set
from simcons.languages.topics import TopicCues

TOPICS = TopicCues(
    themes={
        "economic": word_set("tax money pay wage income nhs free business benefit rich poor price fund"),
        "authority": word_set("police prison crime ban law illegal legal drug army punish compulsory"),
        "environment": word_set("environment climate energy plastic car meat pollution animal green recycl"),
        "openness": word_set("immigra refugee foreign europe aid global international brexit asylum"),
        "tradition": word_set("monarch royal church religio marriage school abortion gender lords tradition"),
        "technology": word_set("artificial intelligence internet online robot digital nuclear genetic")
        | {"social media"},
    },
    noun="this idea",
    frames="value_frames",
    curbing=re.compile(r"\b(abolish|scrap|reduce|stop|less|fewer|end|limit|restrict|privatis\w*|cut)\b"),
)
