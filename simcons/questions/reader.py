"""Reading by claims: which claims of a question a text makes, where it comes down, and how it is written.

Words of the bank are found exactly, without a model; what remains of a text is compared with the claims
(`matching`) by its words and, where a sentence encoder is given, by its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from simcons.engines.base import Encode
from simcons.questions import form, frames
from simcons.questions.bank import Question
from simcons.questions.exact import PhraseFinder
from simcons.questions.loose import LooseReader
from simcons.questions.matching import COMBINED, LEXICAL, Matching
from simcons.questions.reading import Mention, Reading
from simcons.questions.sentences import content_stems, normalise, split_clauses, split_sentences, stem, stem_set
from simcons.questions.verdicts import Cue, VerdictReader, verdict_of

_FEWEST_STEMS = 2  # a clause with fewer weighty words makes no point
_SENTENCES_KEPT = 20_000
_CLOSING = "\"'”’)]"
_COMMONPLACE = stem_set(
    """people allow allowed ban banned britain british uk country government law pay paid free help end everyone adult
    big own run new high spend use day year money time kind keep kept away compare young old good letting making"""
)
# Words of frames and verdicts. A clause with no other weighty word makes no point of its own.
_FRAME_WORDS = stem_set(
    """think believe feel worry argue argued say claim favour against support oppose balance lean torn side sides
    idea buy doubt convinced true sure agree disagree suspect reckon guess people point view thing want wanted best honest
    honestly way group overall fence mind probably proposal question issue undecided divided split no yes vote main reason
    hand hear understand accept care matters matter also first second another finally difficult tricky thought easy complex
    weigh settled pence gonna lie started consider considered consideration considerations interested glad hear strongly
    firmly firm totally definitely dead big mildly reservations strong merit forth fact simple principal honest certain
    recognise forget imagine wrong mistaken inclined answer opinion opinions comment nah yeah reason broadly fully ooh hmm"""
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """What can be said of a sentence without an encoder. ``loose`` are its clauses with no exact wording."""

    text: str
    plain: str
    n_words: int
    n_small: int
    n_faults: int
    mentions: tuple[Mention, ...]
    loose: tuple[str, ...]
    cue: Cue | None
    on_subject: bool  # makes a point, gives a verdict, or shares a weighty word with the question
    first_person: bool
    directed: bool
    rejects_the_last: bool


class QuestionReader:
    """Reads texts against one question. Keeps what it knows of a sentence, so texts that share sentences are read fast."""

    def __init__(self, question: Question, encode: Encode | None = None, *, matching: Matching | None = None) -> None:
        self.question = question
        self._phrases = PhraseFinder(question)
        self._loose_reader = LooseReader(question, encode, matching or (COMBINED if encode else LEXICAL))
        self._verdicts = VerdictReader(question)
        self._subject = _subject(question)
        self._sentence = lru_cache(maxsize=_SENTENCES_KEPT)(self._read_sentence)

    def read(self, text: str) -> Reading:
        """Read one text. Any string will do, an empty one included."""
        return self.read_many([text])[0]

    def read_many(self, texts: Sequence[str]) -> list[Reading]:
        """Read texts, each as if alone, with one call of the encoder for all clauses that match no wording."""
        documents = [[self._sentence(sentence) for sentence in split_sentences(text)] for text in texts]
        loose = {s.text: s.loose for sentences in documents for s in sentences if s.loose}
        matched = self._loose_reader.read(loose)
        return [self._assemble(text, document, matched) for text, document in zip(texts, documents, strict=True)]

    def _read_sentence(self, sentence: str) -> _Sentence:
        plain = normalise(sentence)
        words = plain.split()
        mentions, between = self._phrases.find(plain)
        directed = form.is_directed(plain, words)
        cue = None if directed else self._cue(mentions, between)
        return _Sentence(
            text=sentence,
            plain=plain,
            n_words=len(words),
            n_small=form.n_small_words(words),
            n_faults=form.n_faults(words),
            mentions=tuple(mentions),
            loose=() if directed else self._loose(sentence, between if mentions else None),
            cue=cue,
            on_subject=bool(mentions or cue) or not self._subject.isdisjoint(map(stem, words)),
            first_person=form.is_first_person(words),
            directed=directed,
            rejects_the_last=frames.rejects_the_last(plain),
        )

    def _cue(self, mentions: Sequence[Mention], between: Sequence[str]) -> Cue | None:
        """The verdict of a sentence, looked for outside the bank's wordings: their words are claims."""
        cues = [cue for stretch in between if (cue := self._verdicts.cue(stretch))]
        if mentions and cues and all(cue.reported for cue in cues):
            return None
        return cues[0] if cues else None

    def _loose(self, sentence: str, between: Sequence[str] | None) -> tuple[str, ...]:
        """The stretches that may make a point in words of their own."""
        clauses = split_clauses(sentence) if between is None else between
        return tuple(clause for clause in clauses if len(self._weighty(clause)) >= _FEWEST_STEMS)

    def _weighty(self, clause: str) -> set[str]:
        return set(content_stems(self._verdicts.stripped(normalise(clause)))) - self._subject - _FRAME_WORDS

    def _assemble(self, text: str, document: list[_Sentence], matched: dict[str, list[Mention]]) -> Reading:
        n_words = sum(sentence.n_words for sentence in document)
        return Reading(
            mentions=_in_order(document, matched),
            verdict=verdict_of([sentence.cue for sentence in document if sentence.cue]),
            n_words=n_words,
            n_sentences=len(document),
            on_topic=_share(bool(s.on_subject or matched.get(s.text)) for s in document),
            repetition=form.repetition([sentence.plain for sentence in document]),
            fluency=form.fluency(n_words, sum(s.n_small for s in document), sum(s.n_faults for s in document)),
            first_person=_share(sentence.first_person for sentence in document),
            directed=any(sentence.directed for sentence in document),
            complete=text.rstrip().rstrip(_CLOSING).endswith((".", "!", "?", "…")),
        )


def _in_order(document: Sequence[_Sentence], matched: Mapping[str, Sequence[Mention]]) -> tuple[Mention, ...]:
    """The points of a text, the first time each is made. "That's nonsense." turns round those of the sentence before."""
    found: dict[int, Mention] = {}
    for index, sentence in enumerate(document):
        if sentence.rejects_the_last:
            for claim in [mention.claim for mention in found.values() if mention.sentence == index - 1]:
                found[claim] = replace(found[claim], polarity=-found[claim].polarity, strength=frames.OUTRIGHT)
        for mention in (*sentence.mentions, *matched.get(sentence.text, ())):
            found.setdefault(mention.claim, replace(mention, sentence=index) if index else mention)
    return tuple(found.values())


def _subject(question: Question) -> frozenset[str]:
    """Stems of what the question is about, without words that any question might use."""
    words = content_stems(normalise(f"{question.text} {question.position} {question.noun}"))
    return frozenset(words) - _COMMONPLACE


def _share(flags: Iterable[bool]) -> float:
    values = list(flags)
    return sum(values) / len(values) if values else 0.0
