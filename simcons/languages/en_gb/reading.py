"""English: answers of a language model that is asked what a text says."""

from __future__ import annotations

from simcons.languages.reading import ReadingAnswer, ReadingAnswers

READING = ReadingAnswers(
    asserts=ReadingAnswer("asserts", "the text says so, in whatever words"),
    denies=ReadingAnswer("denies", "the text says that it is not so"),
    neither=ReadingAnswer("neither", "the text says nothing on this point"),
    in_favour=ReadingAnswer("for", "it is for the position, or leans that way"),
    against=ReadingAnswer("against", "it is against the position, or leans that way"),
    torn=ReadingAnswer("torn", "it says that its writer or group is torn or divided"),
    not_said=ReadingAnswer("none", "it does not come down on the position"),
    verdict_key="verdict",
)
