"""Notes for readers of results on answers that could not be used, and on statements that mediators did not come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simcons.analysis import candidates, minds
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
    """Notes, each with its heading, on answers and candidates that are missing or come twice; none where all is well."""
    asked = minds.asked(run) if (run.tables_in / TRUTH).is_dir() else []
    answers = [(row.about, row.n_asked, row.missing, row.example) for row in asked]
    samples = candidates.samples_asked(run)
    if samples is not None:
        answers.append(("candidate", samples.n_asked, samples.missing, samples.example))
    warned = [
        unusable_sentence(act, n, missing, example)
        for act, n, missing, example in answers
        if sum(missing.values()) >= NEARLY_ALL * n
    ]
    notes = [
        *_samples(samples),
        *_repeats(candidates.distinct_candidates(run)),
        *_slates(candidates.slate_counts(run)),
    ]
    return [*(("Attention", note) for note in warned), *(("Candidates", note) for note in notes)]


def unusable_sentence(act: str, n: int, missing: Mapping[str, int], reply: str, *, of: str = "the") -> str:
    """A warning that hardly any of an act's ``n`` answers can be used, why (by reason, the most frequent first), with one reply.

    of: which answers they are, before the number.
    """
    answers = _ANSWERS.get(act, act)
    n_missing, reason = sum(missing.values()), next(iter(missing))
    many = (
        f"none of {of} {n:,} {answers} can be used"
        if n_missing == n
        else f"{n_missing:,} of {of} {n:,} {answers} cannot be used"
    )
    text = visible_line(reply)
    example = f'; one reply: "{text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."}"' if text else ""
    return f"{many}, {'most often ' if len(missing) > 1 else ''}because {in_words(reason)}{example}"


def in_words(reason: str) -> str:
    """A reason of a missing answer as a clause."""
    return _REASONS.get(reason, reason.replace("_", " "))


def _samples(asked: candidates.SamplesAsked | None) -> Iterator[str]:
    if asked is None or not 0 < asked.n_missing < NEARLY_ALL * asked.n_asked:
        return  # or the warning says it
    yield (
        f"{asked.n_missing:,} of {counted(asked.n_asked, 'sample')} of the mediators' language models had no usable text after"
        f" {asked.attempts:.1f} requests a sample, and were left out: {listed_reasons(asked.missing)}"
    )


def _repeats(texts: candidates.DistinctCandidates | None) -> Iterator[str]:
    if texts is not None and texts.n_repeats:
        repeat = "repeats" if texts.n_repeats == 1 else "repeat"
        yield (
            f"{texts.n_repeats:,} of {counted(texts.n, 'candidate')} {repeat} the text of another; no arm shows a text twice in"
            " a round"
        )


def _slates(counts: candidates.SlateCounts | None) -> Iterator[str]:
    if counts is None:
        return
    for arm, n_empty in counts.empty.items():
        yield f"Arm {arm} had no statement to show in {n_empty:,} of {counted(counts.n_rounds, 'round')}"
    rounds = counted(counts.n_rounds, "round")
    for arm, n_short in counts.short.items():
        yield f"Arm {arm} had fewer different statements than it should show in {n_short:,} of {rounds}"


def listed_reasons(missing: Mapping[str, int]) -> str:
    """Reasons with their counts, as they come."""
    return ", ".join(f"{count:,} as {in_words(reason)}" for reason, count in missing.items())
