"""The sense of what a text would have done: as the position says, or the opposite."""

from __future__ import annotations

from simcons.languages.language import Language
from simcons.languages.text import normalise
from simcons.questions.bank import Question


class Actions:
    """Verbs of doing, held against what a question's position would do.

    A position takes something away (a ban, scrapping), keeps it, allows it, or brings something new. Keeping what there is, for
    example, is against all but the second.
    """

    def __init__(self, question: Question, language: Language) -> None:
        cues = self._cues = language.reading.verdicts.actions
        self._text = language.text
        position, noun = normalise(question.position), normalise(question.noun)
        modal = language.reading.verdicts.modal.search(position)
        before, after = (position[: modal.start()], position[modal.end() :]) if modal else ("", position)
        stems = list(map(self._text.stem, after.split()))
        known = cues.removing | cues.keeping | cues.letting | cues.starting | cues.restricting | cues.enjoying
        kind = next((stem for stem in stems if stem in known), "")
        self.removes = kind in cues.removing or cues.taken_away.search(after) is not None
        self.keeps = not self.removes and kind in cues.keeping | cues.enjoying
        self._lets = lets = not self.removes and kind in cues.letting | cues.enjoying
        self.thing = (
            after if self._text.content_stems(before) == [] or self._text.stem(after.split()[0]) == kind else before
        )
        both = frozenset(stems) | frozenset(map(self._text.stem, noun.split()))
        restricts = not lets and not self.keeps and (self.removes or bool(both & cues.restricting))
        self.keeping = 1 if self.keeps else -1
        removing = 1 if self.removes else -1
        letting = -1 if self.removes or restricts else 1
        kinds = (
            (cues.starting, 1),
            (cues.restricting, 1 if restricts else -1),
            (cues.letting, letting),
            (cues.keeping, self.keeping),
            (cues.removing, removing),
        )
        self._signs = {stem: sign for stems, sign in kinds for stem in stems}
        if self.removes:  # inheritance tax is no verb of taxing
            for word in self.thing.split():
                self._signs.pop(self._text.stem(word), None)
        self._removing = removing
        self.verbs = frozenset(self._signs)

    def brings_in(self, clause: str) -> bool:
        return self._cues.brought_in.search(clause) is not None

    def sense(self, clause: str, *, within: int) -> int:
        """1 where the first ``within`` words of a normalised clause would do as the position says, -1 the opposite, 0 neither."""
        words = clause.split()[:within]
        stretch = " ".join(words)
        for phrases, sign in (
            (self._cues.brought_in, 1),
            (self._cues.taken_away, self._removing),
            (self._cues.as_it_is, self.keeping),
        ):
            if phrases.search(stretch):
                return sign
        stems = list(map(self._text.stem, words))
        verb = next((stem for stem in stems if stem in self._signs), "")
        if self._lets and verb in self._cues.removing and not self._cues.restrictions.isdisjoint(stems):
            return 1
        return self._signs.get(verb, 0)

    def is_order(self, clause: str) -> bool:
        """True of a normalised clause that opens with an order."""
        return clause.split(" ", 1)[0] in self._cues.imperatives

    def is_clear_order(self, clause: str) -> bool:
        """True of an order whose verb alone says what is to be done."""
        return self.is_order(clause) and clause.split(" ", 1)[0] not in self._cues.light

    def is_pronoun(self, word: str) -> bool:
        return word in self._cues.pronouns

    def keeps_all_as_it_is(self, sentence: str) -> bool:
        return self._cues.as_it_is.search(sentence) is not None
