"""What reranking gains where people hear by the reader that scores, and where they hear by another.

The candidates are held-out texts on the question, written by hand in words that are not the bank's and labelled by hand
(`benchmarks/reader/test.yaml`), or the script's, in the bank's words. A study is run for each way in which people may hear them,
with an arm for each reader of a scorer, on the same opinions and candidates. Beside the readers people may hear what a careful
person does: an engine answers with the labels, and a reader of kind `model` asks it.

The gain of an arm is the true mean agreement with the text it picks less that with all candidates of the round, so that a random
pick gains nothing.

Run:  python benchmarks/different_ears.py [--groups N]      Writes benchmarks/results/different_ears.md
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from machine import machine

import simcons
from simcons.analysis.resampling import Estimate, mean
from simcons.engines.base import Request
from simcons.engines.replies import clean
from simcons.engines.scripted import ScriptedEngine
from simcons.engines.templates import neutral
from simcons.languages.en_gb import EN_GB
from simcons.questions.accuracy import LabelledText, load_texts
from simcons.questions.bank import Question, load_bank
from simcons.report.intervals import points
from simcons.scenario.shipped import find_bank, find_labelled_texts

RESULTS = Path(__file__).parent / "results" / "different_ears.md"
EARS: dict[str, dict[str, Any]] = {
    "words": {"kind": "rules", "matching": "words"},
    "meaning": {"kind": "rules", "matching": "both"},
}
LABELS = "labels"  # the reader that hears what a careful person does
FEWEST = 6  # texts on a question
SAMPLES = 8
PROMPT = "<<user>>\n{{ question }}\n{% for opinion in opinions %}{{ opinion }}\n{% endfor %}"
HEAD = """# Different ears

Points of true mean agreement that picking one of the candidates gains over a random pick, by the reader that people hear by
(rows) and that the scorer reads by (columns), with 95% intervals over {groups} groups of five in two rounds. *Labels*: people
hear what a careful person labelled. *Oracle*: the best of the candidates by the truth itself. Made by
`benchmarks/different_ears.py`.
"""


class HandWritten(ScriptedEngine):
    """Writes the hand-written texts on a question, one a draw, and says of each what its labels do."""

    def __init__(self, texts: Sequence[LabelledText], questions: Mapping[str, Question]) -> None:
        super().__init__(self._answer)
        self._questions = {question.text: question for question in questions.values()}
        self._written: dict[str, list[str]] = defaultdict(list)
        self._labels: dict[tuple[str, str], LabelledText] = {}
        for text in texts:
            shown = clean(text.text, EN_GB.replies)
            self._written[text.question].append(shown)
            self._labels[text.question, neutral(shown)] = text

    def _answer(self, request: Request) -> str:
        prompt = request.messages[-1].content
        question = next(question for text, question in self._questions.items() if text in prompt)
        if request.act == "candidate":
            written = self._written[question.id]
            return written[request.draw % len(written)]
        [text] = re.findall(r"<text>(.*)</text>", prompt)
        return json.dumps(_heard(question, self._labels[question.id, text]))


def _heard(question: Question, label: LabelledText) -> dict[str, str]:
    words = EN_GB.reading_answers
    polarity = {1: words.asserts.word, -1: words.denies.word, 0: words.neither.word}
    sides = {1: words.in_favour.word, -1: words.against.word, 0: words.torn.word, None: words.not_said.word}
    claims = {str(k): polarity[label.claims.get(claim.id, 0)] for k, claim in enumerate(question.claims, start=1)}
    return {**claims, words.verdict_key: sides[label.verdict]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=60, metavar="N", help="groups of five people, two rounds each")
    groups = parser.parse_args().groups
    sections = [by_hand(groups), by_script(groups)]
    text = "\n".join([HEAD.format(groups=groups), *sections, f"{machine('torch', 'transformers')}\n"])
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def by_hand(groups: int) -> str:
    """The table of candidates that were written by hand."""
    questions = {question.id: question for question in load_bank(find_bank("core"))}
    texts = load_texts(find_labelled_texts("test"), questions)
    n_texts = pd.Series([text.question for text in texts]).value_counts()
    asked = sorted(n_texts[n_texts >= FEWEST].index)
    with tempfile.TemporaryDirectory() as folder:
        prompt = Path(folder) / "plain.md.j2"
        prompt.write_text(PROMPT, encoding="utf-8")
        generator = {
            "kind": "language_model",
            "engine": "hand",
            "prompt": str(prompt),
            "samples": SAMPLES,
            "retries": 0,
        }
        changes = {"questions": {"kind": "bank", "ids": asked}, "engines": {"hand": {"kind": "scripted"}}}
        title = f"Candidates written by hand, {SAMPLES} a round, on {len(asked)} questions"
        return table(title, [*EARS, LABELS], generator, groups, changes, HandWritten(texts, questions))


def by_script(groups: int) -> str:
    """The table of candidates in the bank's words."""
    generator = {"kind": "scripted", "samples": SAMPLES, "reader": "words"}
    return table(
        f"Candidates of the script, in the bank's words, {SAMPLES} a round", [*EARS], generator, groups, {}, None
    )


def table(
    title: str,
    judges: Sequence[str],
    generator: dict[str, Any],
    groups: int,
    changes: dict[str, Any],
    engine: HandWritten | None,
) -> str:
    """A row for each reader that people hear by, a column for each of a scorer."""
    lines = [f"## {title}", "", f"| people hear by | {' | '.join(EARS)} | oracle |", "|---" * (len(EARS) + 2) + "|"]
    for judge in judges:
        by_arm = gains(judge, generator, {**changes, "design.groups": groups}, engine)
        lines.append(f"| {judge} | {' | '.join(points(by_arm[arm]) for arm in [*EARS, 'oracle'])} |")
    return "\n".join([*lines, ""])


def gains(
    judge: str, generator: dict[str, Any], changes: dict[str, Any], engine: HandWritten | None
) -> dict[str, Estimate]:
    """By arm, where people hear by the reader ``judge``."""
    heard = {LABELS: {"kind": "model", "engine": "hand", "by": "structured"}} if engine else {}
    scenario = {
        "name": "ears",
        "seed": 16,
        "design": {"rounds": 2, "passes": 1},
        "participants": {"reader": judge},
        "readers": {**EARS, **heard},
        "scorers": {ear: {"kind": "reader", "reader": ear} for ear in EARS},
        "mediators": [{"arm": arm, "generator": generator, "scorer": arm, "select": 1} for arm in [*EARS, "oracle"]],
    }
    with tempfile.TemporaryDirectory() as folder:
        engines = {"hand": engine} if engine else {}
        return gains_in(simcons.run(scenario, overrides=changes, out=Path(folder) / "run", engines=engines))


def gains_in(run: simcons.Run) -> dict[str, Estimate]:
    """By arm of a run."""
    truth = run.truth("appraisals").groupby(["round_id", "candidate_id"])["agreement"].mean().rename("agreement")
    pools = truth.groupby("round_id").mean().rename("pool")
    picks = run.selections.merge(truth, on=["round_id", "candidate_id"]).merge(pools, on="round_id")
    picks = picks.merge(run.rounds[["round_id", "session_id"]], on="round_id")
    return {str(arm): _gain(rows) for arm, rows in picks.groupby("arm")}


def _gain(rows: pd.DataFrame) -> Estimate:
    return mean(rows["agreement"] - rows["pool"], pd.factorize(rows["session_id"])[0])


if __name__ == "__main__":
    main()
