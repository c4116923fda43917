"""Reading by claims: those of a question that a text makes, its verdict on the question, and its style.

Words of the bank are found as they stand, without a model; what remains of a text is compared with the claims
(`matching`) by its words and, where a sentence encoder is given, by its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Self

from simcons.engines.base import Encode
from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import Question
from simcons.questions.fluency import fluency, is_directed, is_first_person, n_faults, n_small_words, repetition
from simcons.questions.framing import OUTRIGHT, REPORTED, rejects_the_last
from simcons.questions.matching import COMBINED, LEXICAL, Matching
from simcons.questions.paraphrase import ParaphraseReader
from simcons.questions.reading import Mention, Reading
from simcons.questions.second_opinion import second_opinion, settled
from simcons.questions.verdicts import Cue, VerdictReader, verdict_of
from simcons.questions.wordings import WordingFinder

_FEWEST_STEMS = 2  # a clause with fewer weighty words makes no point
_FEWEST_BESIDE = 3  # nor does what stands beside a point in the bank's words
_SENTENCES_KEPT = 20_000
_QUESTIONS_KEPT = 32  # some 6 MB each
_CLOSING = "\"'”’)]"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence as read without an encoder. ``paraphrases`` are its clauses that may make a point in words of their own."""

    text: str
    plain: str
    n_words: int
    n_small: int
    n_faults: int
    mentions: tuple[Mention, ...]
    paraphrases: tuple[str, ...]
    cue: Cue | None
    on_subject: bool  # makes a point, gives a verdict, or shares a weighty word with the question
    first_person: bool
    first_plural: bool
    directed: bool
    rejects_the_last: bool


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Normalised words beside a point in the bank's words: their verdict, if any, and whether they may make a point too."""

    cue: Cue | None
    makes_a_point: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """What reading against one question takes, which nothing that is read changes."""

    wordings: WordingFinder
    paraphrases: ParaphraseReader
    verdicts: VerdictReader
    subject: frozenset[str]

    @classmethod
    def of(cls, question: Question, language: Language, encode: Encode | None, matching: Matching) -> Self:
        return cls(
            WordingFinder(question, language),
            ParaphraseReader(question, language, encode, matching),
            VerdictReader(question, language),
            _subject(question, language),
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question in a language, equal to another that says the same in the same language."""

    question: Question = field(compare=False)
    language: Language = field(compare=False)
    content: str
    language_id: int


@lru_cache(maxsize=_QUESTIONS_KEPT)
def _by_words(asked: _Asked) -> _Ready:
    """Kept, as a small study takes as long to make its questions ready as for all the rest."""
    return _Ready.of(asked.question, asked.language, None, LEXICAL)


class QuestionReader:
    """Reads texts against one question. Keeps what it knows of a sentence, and of words beside a wording of the bank, so that
    texts which share sentences or frames are read fast.
    """

    def __init__(
        self,
        question: Question,
        language: Language,
        encode: Encode | None = None,
        *,
        matching: Matching | None = None,
    ) -> None:
        self.question = question
        self._text, self._cues, self._variation = language.text, language.reading, language.variation
        if encode is None and matching is None:
            ready = _by_words(_Asked(question, language, question.model_dump_json(), id(language)))
        else:
            ready = _Ready.of(question, language, encode, matching or (COMBINED if encode else LEXICAL))
        self._wordings, self._paraphrases, self._verdicts = ready.wordings, ready.paraphrases, ready.verdicts
        self._subject = ready.subject
        self._sentence = lru_cache(maxsize=_SENTENCES_KEPT)(self._read_sentence)
        self._stretch = lru_cache(maxsize=_SENTENCES_KEPT)(self._read_stretch)

    def read(self, text: str) -> Reading:
        """Read one text. Any string will do, an empty one included."""
        return self.read_many([text])[0]

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, each as if alone, with one call of the encoder for all clauses that match no wording."""
        documents = list(map(self._document, texts))
        matched = self._paraphrases.read(_paraphrases(documents))
        return [self._assemble(text, document, matched) for text, document in zip(texts, documents, strict=True)]

    def worded(self, text: str) -> dict[int, Mention]:
        """The points that a text makes in the bank's own words, by claim."""
        return {mention.claim: mention for mention in _in_order(self._document(text), {})}

    def compared(self, text: str) -> list[str]:
        """What of a text is compared with claims by its meaning, where the reader has an encoder."""
        return self._paraphrases.compared(_paraphrases([self._document(text)]))

    def in_own_words(self, text: str) -> bool:
        """True of a text that says something in words which are not the bank's, and which rules alone may not understand."""
        return any(s.paraphrases or not (s.mentions or s.cue or s.directed) for s in self._document(text))

    def _document(self, text: str) -> list[_Sentence]:
        return [self._sentence(sentence) for sentence in self._text.sentences(text)]

    def _read_sentence(self, sentence: str) -> _Sentence:
        plain = self._variation.respelt(normalise(sentence))
        words = plain.split()
        mentions, between = self._wordings.find(plain)
        directed = is_directed(self._cues.address, plain, words)
        cue, paraphrases = self._said(sentence, between, points=bool(mentions)) if not directed else (None, ())
        return _Sentence(
            text=sentence,
            plain=plain,
            n_words=len(words),
            n_small=n_small_words(self._cues.fluency, words),
            n_faults=n_faults(self._cues.fluency, words),
            mentions=tuple(mentions),
            paraphrases=paraphrases,
            cue=cue,
            on_subject=bool(mentions or cue) or not self._subject.isdisjoint(map(self._text.stem, words)),
            first_person=is_first_person(self._cues.address, words),
            first_plural=not self._cues.address.first_plural.isdisjoint(words),
            directed=directed,
            rejects_the_last=rejects_the_last(self._cues.framing, plain),
        )

    def _said(self, sentence: str, between: Sequence[str], *, points: bool) -> tuple[Cue | None, tuple[str, ...]]:
        """The verdict of a sentence, and the stretches that may make a point in words of their own. Both are looked for outside
        the bank's wordings where it makes ``points`` by them: their words are claims.
        """
        if not points:
            cue = next((cue for words in between if (cue := self._verdicts.cue(words, sentence))), None)
            clauses = self._text.clauses(sentence)
            return cue, tuple(clause for clause in clauses if self._n_weighty(normalise(clause)) >= _FEWEST_STEMS)
        stretches = list(map(self._stretch, between))
        cues = [stretch.cue for stretch in stretches if stretch.cue]
        own = tuple(words for words, stretch in zip(between, stretches, strict=True) if stretch.makes_a_point)
        return None if all(cue.reported for cue in cues) else cues[0], own

    def _read_stretch(self, words: str) -> _Stretch:
        """A verdict is outright there, and on the question: "we agree that ..." is about the point."""
        cue = self._verdicts.cue(words) if self._verdicts.is_on_the_question(words) else None
        return _Stretch(cue if cue and cue.outright else None, self._n_weighty(words) >= _FEWEST_BESIDE)

    def _n_weighty(self, normalised: str) -> int:
        """The number of different stems that may make a point."""
        stems = self._text.content_stems(self._verdicts.stripped(normalised))
        return len(set(stems) - self._subject - self._cues.subject.framing)

    def _assemble(self, text: str, document: list[_Sentence], matched: dict[str, list[Mention]]) -> Reading:
        n_words = sum(sentence.n_words for sentence in document)
        mentions = _in_order(document, matched)
        return Reading(
            mentions=mentions,
            verdict=self._verdict(document, mentions),
            n_words=n_words,
            n_sentences=len(document),
            on_topic=_share(bool(s.on_subject or matched.get(s.text)) for s in document),
            repetition=repetition([sentence.plain for sentence in document]),
            fluency=self._fluency(document, n_words),
            first_person=_share(sentence.first_person for sentence in document),
            directed=any(sentence.directed for sentence in document),
            complete=text.rstrip().rstrip(_CLOSING).endswith((".", "!", "?", "…")),
            n_contradicted=_n_contradicted(document, matched),
        )

    def _verdict(self, document: Sequence[_Sentence], mentions: Sequence[Mention]) -> float | None:
        """By words of verdict, and by the claims made where there are none."""
        group = any(s.first_plural for s in document) and not any(s.first_person for s in document)
        plain = [sentence.plain for sentence in document]
        by_claims = second_opinion(self.question, self._cues.verdicts, plain, mentions, group=group)
        cues = [sentence.cue for sentence in document if sentence.cue]
        sure = group or any(cue.outright and not cue.reported for cue in cues)
        return settled(verdict_of(cues), by_claims, sure=sure)

    def _fluency(self, document: list[_Sentence], n_words: int) -> float:
        n_small, faults = sum(s.n_small for s in document), sum(s.n_faults for s in document)
        return fluency(self._cues.fluency, n_words, n_small, faults)


def _paraphrases(documents: Iterable[Sequence[_Sentence]]) -> dict[str, tuple[str, ...]]:
    """Clauses that may make a point in words of their own, by sentence."""
    return {s.text: s.paraphrases for sentences in documents for s in sentences if s.paraphrases}


def _in_order(document: Sequence[_Sentence], matched: Mapping[str, Sequence[Mention]]) -> tuple[Mention, ...]:
    """The points of a text, the first time each is made. "That's nonsense." turns round those of the sentence before."""
    mentions: dict[int, Mention] = {}
    for index, sentence in enumerate(document):
        if sentence.rejects_the_last:
            for claim in [mention.claim for mention in mentions.values() if mention.sentence == index - 1]:
                mentions[claim] = replace(mentions[claim], polarity=-mentions[claim].polarity, strength=OUTRIGHT)
        for mention in (*sentence.mentions, *matched.get(sentence.text, ())):
            if mention.claim not in mentions:
                mentions[mention.claim] = replace(mention, sentence=index) if index else mention
    return tuple(mentions.values())


def _n_contradicted(document: Sequence[_Sentence], matched: Mapping[str, Sequence[Mention]]) -> int:
    """Claims that are both asserted and denied, neither as somebody else's view."""
    put = {
        (mention.claim, mention.polarity)
        for sentence in document
        for mention in (*sentence.mentions, *matched.get(sentence.text, ()))
        if mention.strength > REPORTED
    }
    return len(put) - len({claim for claim, _ in put})


def _subject(question: Question, language: Language) -> frozenset[str]:
    """Stems of what the question is about, without words that any question might use."""
    stems = language.text.content_stems(normalise(f"{question.text} {question.position} {question.noun}"))
    return frozenset(stems) - language.reading.subject.commonplace


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else 0.0
