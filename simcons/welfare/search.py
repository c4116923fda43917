"""The search for violations: random profiles, and the smallest witness that Hypothesis can make of one that it has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis import Phase, find, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.errors import Flaky, NoSuchExample
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from simcons.errors import InputError
from simcons.seeds import request_seed
from simcons.welfare.axioms.catalogue import Axiom, Draw
from simcons.welfare.axioms.domains import Domain
from simcons.welfare.axioms.table import Standing
from simcons.welfare.axioms.violation import Refused, Violation
from simcons.welfare.own import INCONSISTENT, RuleFunction
from simcons.welfare.profiles import draws

EXAMPLES = 200

_STRONGEST_FIRST: tuple[Standing, ...] = ("fails", "rounds", "holds", "refused")


@dataclass(frozen=True, slots=True)
class DomainSample:
    """Draws from a domain: the same in the same order for a seed. All rules can be examined by one sample."""

    domain: Domain
    examples: int
    seed: int
    draws: tuple[Draw, ...]  # now and then one twice


@dataclass(frozen=True, slots=True)
class Examined:
    """The result of a survey for one axiom over one domain."""

    axiom: Axiom
    domain: Domain
    standing: Standing | None  # None if the domain has no case of the axiom
    n_cases: int  # that were examined: none after the first true violation
    n_refused: int
    refusal: str | None  # the rule's message when it first refused
    draw: Draw | None  # one whose case breaks the axiom, if any does


def sample_domain(domain: Domain, *, examples: int = EXAMPLES, seed: int = 0) -> DomainSample:
    """Draw ``examples`` times all that a case of any axiom needs."""
    drawn: list[Draw] = []

    def keep(draw: Draw) -> bool:
        drawn.append(draw)
        return False

    _find(domain, keep, examples=examples, seed=seed, shrink=False)
    return DomainSample(domain, examples, seed, tuple(drawn))


def survey(
    rule: RuleFunction, sampled: DomainSample, axioms: Sequence[Axiom], *, exact: RuleFunction | None = None
) -> list[Examined]:
    """Examine ``rule`` by each of the ``axioms``.

    exact: the same order without rounding, if it is known. What breaks an axiom about order under ``rule`` and not under
    ``exact`` is rounding, and does not end the search for a true violation.

    ``holds`` says that nothing was found. Raises what ``rule`` raises, except ValueError, which is a refusal; and InputError for
    a rule that does not return one number a candidate.
    """
    return [_examine(rule, sampled, axiom, exact) for axiom in axioms]


def witness(
    rule: RuleFunction, examined: Examined, sampled: DomainSample, *, exact: RuleFunction | None = None
) -> Violation:
    """The smallest violation of the kind that a survey of ``sampled`` came to: fewest people, roundest numbers.

    Raises ValueError if it found none, and InputError for a rule that contradicts itself.
    """
    if examined.draw is None:
        raise ValueError(f"axiom {examined.axiom.name!r} over {examined.domain.name!r}: the survey found no violation")

    def breaks(draw: Draw) -> bool:
        return _standing(rule, examined.axiom, draw, examined.domain, exact)[0] == examined.standing

    smallest = _find(examined.domain, breaks, examples=sampled.examples, seed=sampled.seed, shrink=True)
    violation = examined.axiom.violation(rule, smallest or examined.draw, examined.domain)
    if violation is None:
        raise InputError(INCONSISTENT)
    return violation


@contextmanager
def without_a_trace() -> Iterator[None]:
    """While it lasts, what Hypothesis writes goes to a passing folder: it would leave one where the user is."""
    with TemporaryDirectory() as folder:
        set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def _examine(rule: RuleFunction, sampled: DomainSample, axiom: Axiom, exact: RuleFunction | None) -> Examined:
    draws_by_standing: dict[Standing, list[Draw]] = {}
    refusal = None
    for draw in sampled.draws:
        standing, message = _standing(rule, axiom, draw, sampled.domain, exact)
        refusal = refusal or message
        if standing is not None:
            draws_by_standing.setdefault(standing, []).append(draw)
        if standing == "fails":
            break
    overall = next((standing for standing in _STRONGEST_FIRST if standing in draws_by_standing), None)
    broken = [*draws_by_standing.get("fails", []), *draws_by_standing.get("rounds", [])]
    n_cases, n_refused = sum(map(len, draws_by_standing.values())), len(draws_by_standing.get("refused", []))
    return Examined(axiom, sampled.domain, overall, n_cases, n_refused, refusal, broken[0] if broken else None)


def _standing(
    rule: RuleFunction, axiom: Axiom, draw: Draw, domain: Domain, exact: RuleFunction | None
) -> tuple[Standing | None, str | None]:
    """The standing of one draw, and the message of a refusal. None if it makes no case."""
    if (case := axiom.case(draw, domain)) is None:
        return None, None
    try:
        violation = axiom.check(rule, **case)
    except Refused as refused:
        return "refused", str(refused)
    if violation is None:
        return "holds", None
    rounding = exact is not None and axiom.concerns == "order" and axiom.check(exact, **case) is None
    return ("rounds" if rounding else "fails"), None


def _find(domain: Domain, breaks: Callable[[Draw], bool], *, examples: int, seed: int, shrink: bool) -> Draw | None:
    """The first draw for which ``breaks`` holds, or the smallest one. The same draws come in the same order for a seed."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    how = settings(max_examples=examples, phases=phases, database=None, deadline=None, print_blob=False)
    try:
        with _whatever_is_imported():
            return find(draws(domain), breaks, settings=how, random=Random(request_seed(seed, "axioms", domain.name)))
    except NoSuchExample:
        return None
    except Flaky as error:
        raise InputError(INCONSISTENT) from error


@contextmanager
def _whatever_is_imported() -> Iterator[None]:
    """While it lasts, Hypothesis takes no constants from the source of imported modules, and has no setting for that.

    By them its draws would depend on where this package is installed, on what else is loaded and on every number in either.
    """
    nothing = Constants(integers=set(), floats=set(), bytes=set(), strings=set())
    providers.CONSTANTS_CACHE.cache.clear()
    with patch.object(providers.HypothesisProvider, "_local_constants", nothing):
        yield
    providers.CONSTANTS_CACHE.cache.clear()
