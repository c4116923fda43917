"""How well the reader finds claims and verdicts in labelled texts, by method: `python benchmarks/reader_accuracy.py`.

Writes benchmarks/results/reader.md. `dev` is what the reader was tuned on; `test` was held out.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from simcons.engines.base import Encode
from simcons.engines.local.encoder import SentenceEncoder
from simcons.languages.en_gb import EN_GB
from simcons.questions.accuracy import LabelledText, Tally, heard, load_texts, tallies
from simcons.questions.bank import Claim, Question, load_bank
from simcons.questions.forms import first_form
from simcons.questions.matching import COMBINED, EMBEDDINGS, LEXICAL, Matching
from simcons.questions.reader import QuestionReader

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "benchmarks" / "results" / "reader.md"
METHODS = {"words": LEXICAL, "embeddings": EMBEDDINGS, "both": COMBINED}
HEADINGS = (
    *("texts", "claims", "precision", "recall", "F1", "denials heard as assertions", "assertions as denials"),
    *("verdicts right", "reversed", "missed", "invented", "wholly right"),
)


def main() -> None:
    questions = {question.id: question for question in load_bank(ROOT / "scenarios" / "questions" / "core")}
    encode = SentenceEncoder().encode
    lines = ["# How well the reader reads", "", *_preamble(), ""]
    for name in ("dev", "test"):
        path = ROOT / "benchmarks" / "reader" / f"{name}.yaml"
        if path.exists():
            lines += _section(name, load_texts(path, questions), questions, encode)
        else:
            lines += [
                f"## {name}",
                "",
                f"**Not measured**: `benchmarks/reader/{name}.yaml` was missing at this run.",
                "",
            ]
    lines += _speed(questions["free_buses"], encode)
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _preamble() -> list[str]:
    return [
        "Texts written by hand in words that the bank does not use, labelled with the claims they make (`benchmarks/reader/`).",
        "The reader was tuned on `dev`; `test` was written by somebody else and held out. *Words*: stems and letter 4-grams,",
        "no model. *Embeddings*: all-MiniLM-L6-v2 against the claims, centred on the question. *Both*: the reader's default",
        "with an encoder. Precision and recall are of claims, whatever their polarity; denials heard as assertions are of all",
        "labelled denials. Verdicts right, reversed, missed: of the texts that give one (for, against, torn); invented: of those",
        "that give none. Wholly right: every claim with its polarity, and the verdict, as labelled.",
    ]


def _section(name: str, entries: Sequence[LabelledText], questions: dict[str, Question], encode: Encode) -> list[str]:
    lines: list[str] = []
    for method, matching in METHODS.items():
        by_kind, seconds, n_sentences = _score(entries, questions, encode if matching.meaning else None, matching)
        speed = f"{n_sentences / seconds:,.0f} sentences/s, one text a call"
        lines += [f"## {name}, {method} ({speed})", "", *_table(by_kind), ""]
    return lines


def _score(
    entries: Sequence[LabelledText], questions: dict[str, Question], encode: Encode | None, matching: Matching
) -> tuple[dict[str, Tally], float, int]:
    """Tallies by kind and over all, the seconds that reading took (wordings embedded beforehand), and sentences read."""
    readers = {
        entry.question: QuestionReader(questions[entry.question], EN_GB, encode, matching=matching) for entry in entries
    }
    for reader in readers.values():
        reader.read("Nothing here that anybody has ever worded before.")
    started = time.perf_counter()
    readings = [readers[entry.question].read(entry.text) for entry in entries]
    seconds = time.perf_counter() - started
    given = [heard(questions[entry.question], reading) for entry, reading in zip(entries, readings, strict=True)]
    return tallies(entries, given), seconds, sum(reading.n_sentences for reading in readings)


def _speed(question: Question, encode: Encode) -> list[str]:
    """Texts in the bank's own words, which need no encoder; and one batch of texts that do."""
    exact = _composed(question)
    loose = [f"{text} It was bucketing down in {i} and my sandwich got soggy." for i, text in enumerate(exact[:200])]
    reader = QuestionReader(question, EN_GB, encode)
    per_text = _seconds(lambda: reader.read_many(exact)) / len(exact)
    again = _seconds(lambda: reader.read_many(exact)) / len(exact)
    batched = _seconds(lambda: QuestionReader(question, EN_GB, encode).read_many(loose)) / len(loose)
    n_words = sum(len(text.split()) for text in exact) / len(exact)
    return [
        "## Speed",
        "",
        f"* Texts in the bank's words ({n_words:.0f} words each): {per_text * 1e6:.0f} microseconds a text",
        f"  by a fresh reader, {again * 1e6:.0f} where it has met the sentences before.",
        f"* The same with one sentence that needs the encoder, in one batch: {batched * 1e3:.1f} ms a text.",
        f"* {_machine()}",
    ]


def _composed(question: Question) -> list[str]:
    """A verdict, a reported claim, a claim of one's own and a rejected one, for every triple of neighbours."""
    claims = question.claims
    return [
        f"I'm in favour of {question.noun}. Some people feel that {spelt(claims[i], w)}, while others worry that "
        f"{spelt(claims[i - 1], v)}. I don't buy the idea that {spelt(claims[i - 2], w)}."
        for i in range(len(claims))
        for w in range(3)
        for v in range(3)
    ]


def spelt(claim: Claim, place: int) -> str:
    return first_form(claim.assertions[place])


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _table(by_kind: dict[str, Tally]) -> Iterator[str]:
    yield "| kind | " + " | ".join(HEADINGS) + " |"
    yield "|---" * (len(HEADINGS) + 1) + "|"
    for kind, tally in by_kind.items():
        yield f"| {kind} | " + " | ".join(_row(tally)) + " |"


def _row(tally: Tally) -> list[str]:
    counts = tally.counts()
    shares = [_share(counts["precision"].share), _share(counts["recall"].share), _share(tally.f1)]
    rest = [
        f"{count.n}/{count.of}"
        for name, count in counts.items()
        if name not in ("precision", "recall", "texts_missing")
    ]
    return [str(tally.n_texts), str(tally.n_labelled), *shares, *rest]


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}"


def _machine() -> str:
    cpu = Path("/proc/cpuinfo")
    text = cpu.read_text(encoding="utf-8") if cpu.exists() else ""
    model = next(
        (line.split(":")[1].strip() for line in text.splitlines() if line.startswith("model name")), "unknown CPU"
    )
    versions = ", ".join(f"{package} {version(package)}" for package in ("numpy", "torch", "transformers"))
    return f"{os.cpu_count()} CPUs, {model}; Python {platform.python_version()}, {versions}; load {os.getloadavg()[0]:.1f}."


if __name__ == "__main__":
    main()
