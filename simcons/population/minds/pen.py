"""One person's pen: it draws registers, frames and wordings for one opinion, and uses no frame twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simcons.languages.language import Language
from simcons.languages.phrases import ByRegister, Stance, slots
from simcons.languages.text import as_sentence
from simcons.population.minds.dealing import Hand, endless
from simcons.population.persona import WritingStyle
from simcons.questions.bank import Question
from simcons.questions.forms import drawn_form
from simcons.scenario.parameters import Register

# How often a point comes in another register than the person's own; formal wordings are few.
_OTHER_REGISTER: Mapping[Register, float] = {"plain": 0.3, "chatty": 0.25, "formal": 0.6}
# The neighbouring ways of putting a claim: nobody swings from the formal to the chatty within one text.
_NEIGHBOURS: dict[Register, Register] = {"plain": "chatty", "chatty": "plain", "formal": "plain"}
_ASIDE = 0.1  # how often a clause within a point begins with an aside
_EASILY_SHARED = 2  # words: a noun so short may be used by everybody in a round
_LONG = 4  # words: a longer one by one member alone


class Pen:
    """Draws from ``rng`` alone, and from what the person has been dealt."""

    def __init__(
        self, question: Question, language: Language, style: WritingStyle, hand: Hand, rng: np.random.Generator
    ) -> None:
        self.question = question
        self.language = language
        self.phrases = language.opinions
        self.style = style
        self.hand = hand
        self.draws = endless(rng)
        self._rng = rng
        self._used: set[str] = set()
        self._texts: dict[tuple[int, str], str] = {}

    def happens(self, chance: float) -> bool:
        return next(self.draws) < chance

    def of(self, phrases: ByRegister) -> Sequence[str]:
        """Those of the person's own register."""
        return phrases.get(self.style.register, ())

    def choose(self, frames: Sequence[str], *clauses: str) -> str:
        """A frame that suits ``clauses`` and has not been used; the bare claim once all have been."""
        options = [frame for frame in self.phrases.clashes.fitting(frames, clauses) if frame not in self._used]
        if not options:
            return self.phrases.bare_claim
        frame = options[int(next(self.draws) * len(options))]
        if frame != self.phrases.bare_claim:
            self._used.add(frame)
        return frame

    def can_put(self, frames: ByRegister, clause: str) -> bool:
        """True where one of the ``frames`` can take ``clause``, so that it need not be said bare."""
        return bool(self.phrases.clashes.fitting(self.of(frames), [clause]))

    def aside(self, asides: ByRegister) -> str | None:
        """A sentence that nobody else in the round uses; None where none is left."""
        options = [aside for aside in self.hand.share(self.of(asides)) if aside not in self._used]
        if not options:
            return None
        self._used.add(aside := options[int(next(self.draws) * len(options))])
        return aside

    def wording(self, claim: int) -> str:
        """The claim in one of the person's wordings, the same each time."""
        if (claim, "") not in self._texts:
            cards = self.hand.wordings[claim]
            own = self.style.register
            register = own if not self.happens(_OTHER_REGISTER[own]) else _NEIGHBOURS[own]
            order: tuple[Register, ...] = (register, own, "plain", "chatty", "formal")
            self._texts[claim, ""] = self._varied(next(cards[name] for name in order if cards[name]))
        return self._texts[claim, ""]

    def story(self, claim: int) -> str:
        return self._varied([self.hand.stories[claim]], asides=0.0)

    def denial(self, claim: int) -> str | None:
        """A denial of the claim, where the person has been dealt one."""
        denials = self.hand.denials[claim]
        return self._varied(denials) if denials else None

    def verdict(self, stance: Stance) -> str:
        question, as_clause = self.question, self.language.text.as_clause
        frame = self.choose(self._verdicts(self.of(self.phrases.verdicts[stance])))
        return as_sentence(
            frame.format(
                noun=question.noun, position=as_clause(question.position), negation=as_clause(question.negation)
            )
        )

    def ends_with_its_object(self, verdict: str) -> bool:
        """True of a verdict that a reason can go on from in the same sentence."""
        named = verdict.endswith(self.question.noun + ".")
        return verdict.count(".") == 1 and (named or self.phrases.object_last.search(verdict) is not None)

    def _verdicts(self, frames: Sequence[str]) -> Sequence[str]:
        """The person's own share; the question is named by one or two in a round, as the others answer what they were asked."""
        hand, n_words = self.hand, len(self.question.noun.split())
        named = [frame for frame in frames if "noun" in slots(frame)]
        bare = [frame for frame in frames if not slots(frame)]
        stated = [frame for frame in frames if slots(frame) & {"position", "negation"}]
        if hand.n_seats == 1:
            return frames
        options = list(hand.share(bare))
        if hand.seat == 0:
            options += stated
        if hand.seat == 1 or n_words <= _EASILY_SHARED or (hand.seat == 2 and n_words <= _LONG):
            options += hand.share(named)
        return options or frames

    def _varied(self, texts: Sequence[str], *, asides: float = _ASIDE) -> str:
        text = drawn_form(texts[int(next(self.draws) * len(texts))], self._rng)
        variation, register = self.language.variation, self.style.register
        return variation.with_asides(variation.swapped(text, register, self.draws), register, asides, self.draws)
