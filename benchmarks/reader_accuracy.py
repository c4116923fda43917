"""How well the reader finds claims and verdicts in labelled texts, by method: `python benchmarks/reader_accuracy.py`.

Writes benchmarks/results/reader.md. `dev` is what the reader was tuned on; `test` was held out.
"""

from __future__ import annotations

import os
import platform
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml

from simcons.engines.base import Encode
from simcons.engines.local.encoder import SentenceEncoder
from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Claim, Question, load_bank
from simcons.questions.forms import first_form
from simcons.questions.matching import COMBINED, EMBEDDINGS, LEXICAL, Matching
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Reading

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "benchmarks" / "results" / "reader.md"
METHODS = {"words": LEXICAL, "embeddings": EMBEDDINGS, "both": COMBINED}
_TORN = 0.2  # a verdict nearer to nought than this counts as torn


@dataclass(frozen=True)
class Entry:
    """A labelled text."""

    id: str
    question: str
    kind: str
    text: str
    claims: dict[str, int]
    verdict: int | None


@dataclass
class Tally:
    """Counts over texts."""

    n_texts: int = 0
    n_labelled: int = 0
    n_found: int = 0
    n_right: int = 0
    n_wrong_polarity: int = 0
    n_verdicts: int = 0
    n_verdicts_right: int = 0
    n_verdicts_invented: int = 0

    def add(self, entry: Entry, found: dict[str, int], verdict: int | None) -> None:
        both = found.keys() & entry.claims.keys()
        self.n_texts += 1
        self.n_labelled += len(entry.claims)
        self.n_found += len(found)
        self.n_right += len(both)
        self.n_wrong_polarity += sum(found[claim] != entry.claims[claim] for claim in both)
        self.n_verdicts += entry.verdict is not None
        self.n_verdicts_right += entry.verdict is not None and verdict == entry.verdict
        self.n_verdicts_invented += entry.verdict is None and verdict is not None

    def row(self) -> list[str]:
        return [
            str(self.n_texts),
            str(self.n_labelled),
            _ratio(self.n_right, self.n_found),
            _ratio(self.n_right, self.n_labelled),
            _ratio(2 * self.n_right, self.n_found + self.n_labelled),
            f"{self.n_wrong_polarity}/{self.n_right}",
            f"{self.n_verdicts_right}/{self.n_verdicts}",
            str(self.n_verdicts_invented),
        ]


HEADINGS = ("texts", "claims", "precision", "recall", "F1", "wrong polarity", "verdicts right", "verdicts invented")


def main() -> None:
    questions = {question.id: question for question in load_bank(ROOT / "scenarios" / "questions" / "core")}
    encode = SentenceEncoder().encode
    lines = ["# How well the reader reads", "", *_preamble(), ""]
    for name in ("dev", "test"):
        path = ROOT / "benchmarks" / "reader" / f"{name}.yaml"
        if path.exists():
            lines += _section(name, _entries(path), questions, encode)
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
        "with an encoder. Wrong polarity: of the claims rightly found, those read as denied where asserted or the reverse.",
        "Verdicts right: of the texts that give one (for, against, torn); invented: verdicts read in texts that give none.",
    ]


def _section(name: str, entries: Sequence[Entry], questions: dict[str, Question], encode: Encode) -> list[str]:
    lines: list[str] = []
    for method, matching in METHODS.items():
        tallies, seconds, n_sentences = _score(entries, questions, encode if matching.meaning else None, matching)
        speed = f"{n_sentences / seconds:,.0f} sentences/s, one text a call"
        lines += [f"## {name}, {method} ({speed})", "", *_table(tallies), ""]
    return lines


def _score(
    entries: Sequence[Entry], questions: dict[str, Question], encode: Encode | None, matching: Matching
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
    tallies: dict[str, Tally] = defaultdict(Tally)
    for entry, reading in zip(entries, readings, strict=True):
        for kind in (entry.kind, "all"):
            tallies[kind].add(entry, _found(questions[entry.question], reading), _side(reading.verdict))
    return tallies, seconds, sum(reading.n_sentences for reading in readings)


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


def _found(question: Question, reading: Reading) -> dict[str, int]:
    return {question.claims[mention.claim].id: mention.polarity for mention in reading.mentions}


def _side(verdict: float | None) -> int | None:
    if verdict is None:
        return None
    return 0 if abs(verdict) < _TORN else 1 if verdict > 0 else -1


def _entries(path: Path) -> list[Entry]:
    return [Entry(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["entries"]]


def _table(tallies: dict[str, Tally]) -> Iterator[str]:
    yield "| kind | " + " | ".join(HEADINGS) + " |"
    yield "|---" * (len(HEADINGS) + 1) + "|"
    for kind in [*sorted(tallies.keys() - {"all"}), "all"]:
        yield f"| {kind} | " + " | ".join(tallies[kind].row()) + " |"


def _ratio(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "–"


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
