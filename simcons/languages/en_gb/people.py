"""English: descriptions of a person."""

from __future__ import annotations

from simcons.languages.people import Direction, PersonWords

PEOPLE = PersonWords(
    sex="Sex",
    age="Age",
    ethnicity="Ethnic group",
    region="Region",
    qualification="Highest qualification",
    directions={
        "economic": Direction(subject="on the economy", low="left", high="right"),
        "authority": Direction(subject="on order and authority", low="libertarian", high="authoritarian"),
        "environment": Direction(subject="on the environment", low="towards growth first", high="towards protection"),
        "openness": Direction(subject="on immigration and the wider world", low="closed", high="open"),
        "tradition": Direction(subject="in matters of custom", low="towards change", high="towards tradition"),
        "technology": Direction(subject="on new technology", low="wary", high="keen"),
    },
    middle="near the middle",
    leanings=("leans", "leans clearly", "leans strongly"),
    education={
        "level 4+": "a degree or other higher qualification",
        "level 3": "A levels or equivalent",
        "apprenticeship": "an apprenticeship",
        "level 2": "five or more good GCSEs or equivalent",
        "level 1": "a few GCSEs or equivalent",
        "other": "another qualification",
        "none": "none",
    },
    registers={"plain": "plain", "chatty": "chatty, as to a friend", "formal": "formal"},
    hedging=("flat statements", "a little hedging", "much hedging"),
    spelling=("careless", "mostly tidy", "tidy"),
    manner="{register}, with {hedging} and {spelling} spelling",
)
