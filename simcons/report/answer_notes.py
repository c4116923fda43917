"""What a reader of results has to know of answers that could not be used, and of statements that mediators did not come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.analysis import minds, samples
from simcons.counted import counted
from simcons.storage.layout import TRUTH
from simcons.storage.load import Run
from simcons.visible import visible_line

NEARLY_ALL = 0.9  # share of an act's answers without use from which on the summary warns of it
_SHOWN = 160  # characters of a reply in a sentence
_REASONS = {
    "refusal": "the model would not answer",
    "empty": "the model said nothing",
    "reasoning": "the model reasoned without coming to an answer",
    "off_scale": "the answer was none of the options",
    "filtered": "a content filter stopped it",
    "too_long": "the prompt was too long for the model",
    "refused": "the server refused the request",
    "time_limit": "time ran out",
}
_ANSWERS = {
    "position": "answers on positions",
    "opinion": "opinions",
    "agreement": "answers on agreement",
    "quality": "answers on quality",
    "candidate": "candidates",
}


def answer_notes(run: Run) -> list[tuple[str, str]]:
    """What they are about, and a sentence, on answers and candidates that are missing or come twice; none where all is well."""
    asked = minds.asked(run) if (run.tables_in / TRUTH).is_dir() else []
    answers = [(row.about, row.n_asked, row.missing, row.example) for row in asked]
    found = samples.sampled(run)
    if found is not None:
        answers.append(("candidate", found.n_asked, found.missing, found.example))
    warned = [
        unusable_sentence(act, n, missing, example)
        for act, n, missing, example in answers
        if sum(missing.values()) >= NEARLY_ALL * n
    ]
    candidates = [*_candidates(found), *_same(samples.distinct(run)), *_slates(samples.slates(run))]
    return [*(("Attention", note) for note in warned), *(("Candidates", note) for note in candidates)]


def unusable_sentence(act: str, n: int, missing: Mapping[str, int], reply: str, *, of: str = "the") -> str:
    """That hardly any of an act's ``n`` answers can be used, why (by reason, the most frequent first), and one such reply.

    of: which answers they are, before the number.
    """
    what = _ANSWERS.get(act, act)
    n_missing, reason = sum(missing.values()), next(iter(missing))
    many = (
        f"none of {of} {n:,} {what} can be used"
        if n_missing == n
        else f"{n_missing:,} of {of} {n:,} {what} cannot be used"
    )
    said = visible_line(reply)
    example = f'; one reply: "{said if len(said) <= _SHOWN else f"{said[:_SHOWN]} ..."}"' if said else ""
    return f"{many}, {'most often ' if len(missing) > 1 else ''}because {in_words(reason)}{example}"


def in_words(reason: str) -> str:
    """A reason of a missing answer as a clause."""
    return _REASONS.get(reason, reason.replace("_", " "))


def _candidates(found: samples.Sampled | None) -> Iterator[str]:
    if found is None or not 0 < found.n_missing < NEARLY_ALL * found.n_asked:
        return  # or the warning says it
    yield (
        f"{found.n_missing:,} of {counted(found.n_asked, 'sample')} of the mediators' language models had no usable text after"
        f" {found.attempts:.1f} requests a sample, and were left out: {listed(found.missing)}"
    )


def _same(found: samples.Distinct | None) -> Iterator[str]:
    if found is not None and found.n_repeats:
        repeat = "repeats" if found.n_repeats == 1 else "repeat"
        yield (
            f"{found.n_repeats:,} of {counted(found.n, 'candidate')} {repeat} the text of another; no arm shows a text twice in"
            " a round"
        )


def _slates(found: samples.Slates | None) -> Iterator[str]:
    if found is None:
        return
    for arm, n_empty in found.empty.items():
        yield f"Arm {arm} had no statement to show in {n_empty:,} of {counted(found.n_rounds, 'round')}"
    for arm, n_short in found.short.items():
        yield f"Arm {arm} had fewer different statements than it should show in {n_short:,} of {counted(found.n_rounds, 'round')}"


def listed(missing: Mapping[str, int]) -> str:
    """Reasons with their counts, as they come."""
    return ", ".join(f"{count:,} as {in_words(reason)}" for reason, count in missing.items())
