"""Words and patterns by which a reader tells a point from its denial, and a verdict from a report.

All patterns read normalised text: lower case, no apostrophes, no marks. What a language does not say is left out: no text has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from simcons.languages.text import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class FramingCues:
    """Ways to put a point: rejected, doubted, hedged, reported as somebody's view.

    Those before a point stand in its own clause, after the last ``clause_boundary``. A ``trailing_boundary`` may also end a
    clause ("true though"). ``carries_on`` takes over the framing of the point before ("and that ...").
    """

    double_negation: re.Pattern[str] = NEVER
    rejecting: re.Pattern[str] = NEVER
    doubting: re.Pattern[str] = NEVER
    hedging: re.Pattern[str] = NEVER
    reporting: re.Pattern[str] = NEVER
    disclaiming: re.Pattern[str] = NEVER  # "I may be wrong"
    rejecting_after: re.Pattern[str] = NEVER
    hedging_after: re.Pattern[str] = NEVER
    reporting_after: re.Pattern[str] = NEVER
    rejecting_the_last: re.Pattern[str] = NEVER  # a sentence that only rejects the point just made
    clause_boundary: re.Pattern[str] = NEVER
    trailing_boundary: tuple[str, ...] = ()
    carries_on: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class PolarityCues:
    """Signs in a clause, put in its writer's own words, that it denies the claim it speaks of, or asserts nothing."""

    wondering: re.Pattern[str] = NEVER
    subordinate: re.Pattern[str] = NEVER  # to the end of its clause; no negation in it turns the point round
    negated_verb: re.Pattern[str] = NEVER
    dismissing: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCues:
    """Stems of verbs that say what should be done with something, by kind, and phrases that say it in several words.

    restricting: of positions that take a freedom away, so that letting people be is against them. taken_away, brought_in: phrases
    for removing and starting. as_it_is: for keeping all as it is. pronouns: stand for the question.
    """

    removing: frozenset[str] = frozenset()
    keeping: frozenset[str] = frozenset()
    letting: frozenset[str] = frozenset()
    starting: frozenset[str] = frozenset()
    restricting: frozenset[str] = frozenset()
    restrictions: frozenset[str] = frozenset()  # of what removing sets free
    enjoying: frozenset[str] = frozenset()  # of positions on what is had already
    taken_away: re.Pattern[str] = NEVER
    as_it_is: re.Pattern[str] = NEVER
    brought_in: re.Pattern[str] = NEVER
    imperatives: frozenset[str] = frozenset()  # words, not stems: what an order opens with
    light: frozenset[str] = frozenset()  # imperatives that say little without their object
    pronouns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCues:
    """Ways to come down on a question.

    favouring, opposing: take the side of what follows; those that match ``whole_answers`` need nothing to follow. comparing: more
    one than the other, with a group ``against``. anaphor: stands for the question. yes_marked, no_marked: answers in a sentence
    as written, with the mark that sets them off. wish: what may open a wish or an order. praising, blaming: what is thought of
    the question's subject. worn_out, treasured: the same of what there is now. proposal: words of what is proposed, not of what
    there is.
    """

    favouring: re.Pattern[str]
    opposing: re.Pattern[str]
    whole_answers: re.Pattern[str] = NEVER
    comparing: re.Pattern[str] = re.compile(r"(?!)(?P<against>)")
    taking_back: re.Pattern[str] = NEVER
    torn: re.Pattern[str] = NEVER
    torn_but_sided: re.Pattern[str] = NEVER
    leaning: re.Pattern[str] = NEVER
    summing_up: re.Pattern[str] = NEVER
    reported: re.Pattern[str] = NEVER
    shared: re.Pattern[str] = NEVER  # the group's own view, whoever else is mentioned
    anaphor: re.Pattern[str] = NEVER
    yes: re.Pattern[str] = NEVER
    no: re.Pattern[str] = NEVER
    yes_marked: re.Pattern[str] = NEVER
    no_marked: re.Pattern[str] = NEVER
    wish: re.Pattern[str] = NEVER
    later_wish: re.Pattern[str] = NEVER  # the same inside a sentence
    concluding: re.Pattern[str] = NEVER  # opens a conclusion, whose object need not be named
    conditional: re.Pattern[str] = NEVER  # what makes an order an "if": "make it free and they'll ..."
    modal: re.Pattern[str] = NEVER
    obliging: re.Pattern[str] = NEVER  # modals that say what is to be done
    negating: re.Pattern[str] = NEVER
    denying: re.Pattern[str] = NEVER  # before the position's own words
    praising: re.Pattern[str] = NEVER
    blaming: re.Pattern[str] = NEVER
    worn_out: re.Pattern[str] = NEVER
    treasured: re.Pattern[str] = NEVER
    proposal: re.Pattern[str] = NEVER
    not_so: re.Pattern[str] = NEVER  # before a thought: turns it round
    infinitive: re.Pattern[str] = NEVER  # after a thought: what it is thought of ("daft to ...")
    granting: re.Pattern[str] = NEVER  # a point that is then set aside ("I know it costs, but ...")
    setting_aside: re.Pattern[str] = NEVER
    actions: ActionCues = ActionCues()


@dataclass(frozen=True, slots=True, kw_only=True)
class FluencyCues:
    """The little words of running prose, and neighbours that no sentence has.

    small_word_shares: of keyword lists and of prose. never_after: by word, those that cannot follow it.
    """

    small_words: frozenset[str]
    small_word_shares: tuple[float, float]
    never_after: Mapping[str, frozenset[str]]
    never_last: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressCues:
    """Signs of who speaks, and to whom. Sentences with none of ``rating_words`` are not searched for ``directed``."""

    first_person: frozenset[str]
    first_plural: frozenset[str] = frozenset()
    rating_words: frozenset[str] = frozenset()
    directed: re.Pattern[str] = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectCues:
    """Stems that do not tell what a text is about.

    commonplace: of any question; framing: of frames and verdicts, which make no point of their own.
    """

    commonplace: frozenset[str] = frozenset()
    framing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingCues:
    """All that a reader of a language goes by."""

    framing: FramingCues
    polarity: PolarityCues
    verdicts: VerdictCues
    fluency: FluencyCues
    address: AddressCues
    subject: SubjectCues
