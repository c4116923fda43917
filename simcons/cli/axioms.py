"""``simcons axioms``: which axioms does a welfare function keep, and what shows that it breaks the others?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from rich.console import Console
from rich.text import Text

from simcons.cli.messages import ConsoleMessages
from simcons.cli.user_rule import load_rule
from simcons.errors import InputError
from simcons.report.axioms import legend_lines, refusal_lines, witness_lines
from simcons.welfare.axioms.catalogue import Axiom, claims
from simcons.welfare.axioms.domains import DOMAINS
from simcons.welfare.axioms.family import exact_order
from simcons.welfare.axioms.table import axioms_of
from simcons.welfare.own import RuleFunction
from simcons.welfare.rules import RuleSpec, label, parse_rule, rule_for
from simcons.welfare.search import DomainSample, Examined, sample_domain, survey, without_a_trace, witness

_HEADINGS = {"order": "The order", "values": "The values", "refusals": "What is refused"}
_STYLES = {"fails": "bold red", "rounds": "yellow", "refused": "dim"}
_LABEL, _CELL = 23, 7  # seven domains fit 80 columns


class Named(Protocol):
    @property
    def name(self) -> str: ...


Item = TypeVar("Item", bound=Named)
Given = TypeVar("Given")
Got = TypeVar("Got")


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule under examination."""

    name: str
    rule: RuleFunction
    axioms: tuple[Axiom, ...]
    exact: RuleFunction | None  # the same order without rounding, where it is known


def show_axioms(
    references: Sequence[str],
    console: Console,
    *,
    messages: ConsoleMessages,
    claim: str | None,
    domains: Sequence[str],
    axioms: Sequence[str],
    examples: int,
    seed: int,
) -> bool:
    """Print the standings on each rule and a witness for each axiom that it breaks. Returns whether none is broken.

    Raises InputError for an unknown domain or axiom; after all else has been examined, for an unknown rule.
    """
    chosen = _chosen("domain", domains, DOMAINS)
    if claim is not None and not any(":" in reference for reference in references):
        raise InputError(
            f"--claims {claim}: what the named rules claim is known; expected a rule of your own, module:function"
        )
    alpha = _alpha(claim)
    subjects, wrong = _each(lambda reference: _subject(reference, alpha, axioms), references)
    kept: list[bool] = []
    if subjects:
        with without_a_trace():
            samples = [sample_domain(domain, examples=examples, seed=seed) for domain in chosen]
            kept, unfit = _each(lambda subject: _examine(subject, samples, console, messages), subjects)
        wrong += unfit
        _legend(samples, console)
    _refuse(wrong, messages)
    return all(kept)


def _each(do: Callable[[Given], Got], given: Sequence[Given]) -> tuple[list[Got], list[InputError]]:
    """The results of ``do``, and its errors."""
    made, wrong = [], []
    for each in given:
        try:
            made.append(do(each))
        except InputError as error:
            wrong.append(error)
    return made, wrong


def _refuse(wrong: Sequence[InputError], messages: ConsoleMessages) -> None:
    """Say what cannot be examined, once each; the last of it as the error that ends the command."""
    *others, last = dict.fromkeys(map(str, wrong)) or [""]
    for text in others:
        messages.show(f"simcons: {text}")
    if last:
        raise InputError(last)


def _subject(reference: str, claim: float | None, names: Sequence[str]) -> Subject:
    if ":" in reference:
        try:
            return Subject(reference, load_rule(reference), _asked(None, claim, names), None)
        except InputError as error:
            raise InputError(f"{reference}: {error}") from error
    spec = parse_rule(reference)
    alpha = spec if isinstance(spec, float) else None
    exact = exact_order(alpha) if alpha is not None else None
    return Subject(label(spec), rule_for(spec), _asked(spec, alpha, names), exact)


def _asked(spec: RuleSpec | None, alpha: float | None, names: Sequence[str]) -> tuple[Axiom, ...]:
    """The axioms that a rule can be examined for, kind by kind."""
    known = axioms_of(spec) + (claims(alpha) if alpha is not None else ())
    return _chosen("axiom", names, sorted(known, key=lambda axiom: [*_HEADINGS].index(axiom.concerns)))


def _alpha(claim: str | None) -> float | None:
    if claim is None:
        return None
    alpha = parse_rule(claim)
    if not isinstance(alpha, float):
        raise InputError(f"--claims {claim!r}: expected an alpha, from 0 to inf")
    return alpha


def _chosen(option: str, names: Sequence[str], known: Sequence[Item]) -> tuple[Item, ...]:
    """All that are known, or those that are named."""
    for name in names:
        if name not in {item.name for item in known}:
            raise InputError(f"--{option} {name!r}: expected one of {', '.join(item.name for item in known)}")
    return tuple(item for item in known if not names or item.name in names)


def _examine(subject: Subject, samples: Sequence[DomainSample], console: Console, messages: ConsoleMessages) -> bool:
    try:
        with messages.step(f"Looking for violations by {subject.name}"):
            examined = [survey(subject.rule, sample, subject.axioms, exact=subject.exact) for sample in samples]
            shown = [worst for row in zip(*examined, strict=True) if (worst := _worst(row))]
            violations = [_witness(subject, worst, samples) for worst in shown]
    except InputError as error:
        raise InputError(f"{subject.name}: {error}") from error
    console.print(Text(f"\n{subject.name}\n", style="bold"))
    for line in _table(subject, samples, examined):
        console.print(line, soft_wrap=True)
    for text in [*violations, *_refusals(examined)]:
        console.print(text, soft_wrap=True)
    return not any(worst.standing == "fails" for worst in shown)


def _witness(subject: Subject, examined: Examined, samples: Sequence[DomainSample]) -> Text:
    (sample,) = (sample for sample in samples if sample.domain == examined.domain)
    violation = witness(subject.rule, examined, sample, exact=subject.exact)
    text = Text(f"\n{examined.axiom.label.strip()} ", style="bold", end="")
    text.append(f"({examined.domain.name}). {examined.axiom.says}\n", style="not bold")
    return text.append(
        "\n".join(f"    {line}".rstrip() for line in witness_lines(violation, examined)), style="not bold"
    )


def _worst(row: Sequence[Examined]) -> Examined | None:
    """Of one axiom over all domains: the first failure, else the first that is rounding."""
    bad = [examined for examined in row if examined.standing in ("fails", "rounds")]
    return min(bad, key=lambda examined: examined.standing != "fails", default=None)


def _table(subject: Subject, samples: Sequence[DomainSample], examined: Sequence[Sequence[Examined]]) -> list[Text]:
    widths = [max(_CELL, len(sample.domain.name)) + 1 for sample in samples]
    names = [f"{sample.domain.name:<{width}}" for sample, width in zip(samples, widths, strict=True)]
    lines = [Text((" " * _LABEL + "".join(names)).rstrip(), style="dim")]
    for k, axiom in enumerate(subject.axioms):
        if k == 0 or axiom.concerns != subject.axioms[k - 1].concerns:
            lines.append(Text(_HEADINGS[axiom.concerns], style="dim"))
        line = Text(f"{axiom.label:<{_LABEL}}")
        for over_domain, width in zip(examined, widths, strict=True):
            line.append(f"{_cell(over_domain[k]):<{width}}", style=_STYLES.get(str(over_domain[k].standing), ""))
        line.rstrip()
        lines.append(line)
    return lines


def _cell(examined: Examined) -> str:
    partly = examined.standing == "holds" and examined.n_refused
    return f"{examined.standing or '-'}{'*' if partly else ''}"


def _refusals(examined: Sequence[Sequence[Examined]]) -> list[Text]:
    lines = refusal_lines(examined)
    return [Text("\n" + "\n".join(lines))] if lines else []


def _legend(samples: Sequence[DomainSample], console: Console) -> None:
    console.print(Text("\n" + "\n".join(legend_lines(samples, width=_CELL + 2)), style="dim"), soft_wrap=True)
