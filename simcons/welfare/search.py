"""The search for violations: random profiles, and the smallest witness that Hypothesis can make of one that it has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import Phase, find, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import Flaky, NoSuchExample

from simcons.errors import InputError
from simcons.seeds import request_seed
from simcons.welfare.axioms.catalogue import Axiom, Draw
from simcons.welfare.axioms.domains import Domain
from simcons.welfare.axioms.violation import Refused, Rule, Violation
from simcons.welfare.profiles import draws
from simcons.welfare.verdicts import Verdict

EXAMPLES = 200

INCONSISTENT = "the rule gives other values when it is asked the same again; expected a function of the utilities alone"


@dataclass(frozen=True, slots=True)
class Examined:
    """What the search found about one axiom over one domain."""

    axiom: Axiom
    domain: Domain
    verdict: Verdict | None  # None if the domain has no case of the axiom
    n_cases: int
    n_refused: int
    refusal: str | None  # the rule's message when it first refused
    draw: Draw | None  # one whose case breaks the axiom, if any does


@contextmanager
def without_a_trace() -> Iterator[None]:
    """While it lasts, Hypothesis keeps what it writes to itself: it would leave a folder where the user is."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def survey(
    rule: Rule,
    domain: Domain,
    axioms: Sequence[Axiom],
    *,
    exact: Rule | None = None,
    examples: int = EXAMPLES,
    seed: int = 0,
) -> list[Examined]:
    """Examine ``rule`` by all ``axioms``, in ``examples`` draws from ``domain``.

    exact: the same order without rounding, if it is known. What breaks an axiom about order under ``rule`` and not under
    ``exact`` is rounding, and does not end the search for a true violation.

    ``holds`` says that nothing was found. Raises what ``rule`` raises, except ValueError, which is a refusal; and InputError for
    a rule that does not return one number a candidate, or is found to contradict itself.
    """
    tallies = [_Tally(rule, axiom, domain, exact) for axiom in axioms]

    def look(draw: Draw) -> bool:
        for tally in tallies:
            tally.add(draw)
        return all(tally.broken for tally in tallies)

    _find(domain, look, examples=examples, seed=seed, shrink=False)
    return [tally.examined() for tally in tallies]


def witness(
    rule: Rule, found: Examined, *, exact: Rule | None = None, examples: int = EXAMPLES, seed: int = 0
) -> Violation:
    """The smallest violation of the kind that a survey with the same arguments ``found``: fewest people, roundest numbers."""
    axiom, domain = found.axiom, found.domain

    def breaks(draw: Draw) -> bool:
        return _Tally(rule, axiom, domain, exact).add(draw) == found.verdict

    if found.draw is None:
        raise ValueError(f"axiom {axiom.name!r} over {domain.name!r}: the survey found no violation")
    draw = _find(domain, breaks, examples=examples, seed=seed, shrink=True) or found.draw
    violation = axiom.violation(rule, draw, domain)
    if violation is None:
        raise InputError(INCONSISTENT)
    return violation


@dataclass(slots=True)
class _Tally:
    """One axiom's count in a survey."""

    rule: Rule
    axiom: Axiom
    domain: Domain
    exact: Rule | None
    n_cases: int = 0
    n_refused: int = 0
    refusal: str | None = None
    broken: Draw | None = None
    rounded: Draw | None = None

    def add(self, draw: Draw) -> Verdict | None:
        """The verdict on this draw alone; None if it makes no case. Nothing is asked once a true violation is known."""
        if self.broken is not None or (case := self.axiom.case(draw, self.domain)) is None:
            return None
        self.n_cases += 1
        try:
            violation = self.axiom.check(self.rule, **case)
        except Refused as refused:
            self.n_refused += 1
            self.refusal = self.refusal or str(refused)
            return "refused"
        if violation is None:
            return "holds"
        if self.exact and self.axiom.concerns == "order" and self.axiom.check(self.exact, **case) is None:
            self.rounded = self.rounded or draw
            return "rounds"
        self.broken = draw
        return "fails"

    def examined(self) -> Examined:
        draw = self.broken or self.rounded
        return Examined(self.axiom, self.domain, self._verdict(), self.n_cases, self.n_refused, self.refusal, draw)

    def _verdict(self) -> Verdict | None:
        if self.broken or self.rounded:
            return "fails" if self.broken else "rounds"
        if self.n_cases == 0:
            return None
        return "refused" if self.n_refused == self.n_cases else "holds"


def _find(domain: Domain, wanted: Callable[[Draw], bool], *, examples: int, seed: int, shrink: bool) -> Draw | None:
    """The first draw that is ``wanted``, or the smallest one. The same draws come in the same order for a seed."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    how = settings(max_examples=examples, phases=phases, database=None, deadline=None, print_blob=False)
    try:
        return find(draws(domain), wanted, settings=how, random=Random(request_seed(seed, "axioms", domain.name)))
    except NoSuchExample:
        return None
    except Flaky as error:
        raise InputError(INCONSISTENT) from error
