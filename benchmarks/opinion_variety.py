"""Variety of written opinions: among the five of a group, and among a hundred people on one question.

For each of ten questions a hundred people of `uk_crowd` write in twenty groups of five, dealt as in a study of that size. Figures
are means over questions; the writer was tuned on other questions (those with an even number in the bank). The same figures for
people who wrote online (../shared/data/deliberation_people), where that data is present: their groups are five in a row of those
who answered one question.

Words are compared in lower case without marks. A run is shared if two members of a group have seven words in a row in common.
distinct-3: different runs of three words over all of them. Self-BLEU-4: BLEU (Papineni et al. 2002; precisions of 0 counted as
.1 matches, Chen & Cherry 2014, method 1) of each opinion against the other four of the group. Recurring: sentences that somebody
else of the hundred wrote as well. Misspelt: opinions with a word of the language's table of misspellings.

Run:  python benchmarks/opinion_variety.py [--bank FOLDER] [--tuning] [--show N]      Writes benchmarks/results/opinions.md
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from math import exp, log
from pathlib import Path
from statistics import mean, median

import numpy as np
from machine import machine

from simcons.languages.en_gb import EN_GB
from simcons.languages.text import normalise
from simcons.population.minds.conviction import CompiledQuestion, consider
from simcons.population.minds.dealing import deal, stories_of_deal
from simcons.population.minds.writer import write_opinion
from simcons.population.persona import PERSON_SHARE
from simcons.population.synthesis import Population, synthesise
from simcons.questions.bank import Question, load_bank
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_bank, find_population
from simcons.seeds import stream

RESULTS = Path(__file__).parent / "results" / "opinions.md"
PEOPLE = Path(__file__).parents[2] / "shared" / "data" / "deliberation_people" / "raters.parquet"
READ_ALOUD = "\n## Read aloud\n"
N_QUESTIONS, N_GROUPS, GROUP_SIZE = 10, 20, 5
RUN, GRAM = 7, 3  # words
MOMENT_SD = 0.45 * (1 - PERSON_SHARE) ** 0.5  # of the log of an opinion's length, beside what lies between people


@dataclass(frozen=True, slots=True)
class Variety:
    """Figures of the opinions on one question. Shares are of groups, sentences or opinions."""

    sharing_a_run: float
    distinct_3: float
    self_bleu_4: float
    recurring: float
    asking: float
    exclaiming: float
    misspelt: float
    words: float


HEADINGS = {
    "sharing_a_run": "groups sharing a run of seven words",
    "distinct_3": "distinct-3",
    "self_bleu_4": "self-BLEU-4 in a group",
    "recurring": "sentences that recur",
    "asking": "with ?",
    "exclaiming": "with !",
    "misspelt": "misspelt",
    "words": "words (median)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bank", type=Path, default=find_bank("core"), help="a folder of topic files")
    parser.add_argument("--tuning", action="store_true", help="the questions used for tuning; nothing is written")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N groups; nothing is written")
    arguments = parser.parse_args()
    questions = load_bank(arguments.bank)[0 if arguments.tuning else 1 :: 2]
    picked = [questions[len(questions) * k // N_QUESTIONS] for k in range(N_QUESTIONS)]
    population = synthesise(load_population_file(find_population("uk_crowd")), N_GROUPS * GROUP_SIZE * 10, seed=1)
    written = [list(groups(question, population, start=100 * k)) for k, question in enumerate(picked)]
    if arguments.show:
        show(picked, written, arguments.show)
        return
    rows = {"simcons": average([variety(on_question) for on_question in written])}
    if PEOPLE.exists():
        rows["people online"] = average([variety(on_question) for on_question in groups_of_people()])
    text = report(rows)
    print(text)
    if not arguments.tuning:
        RESULTS.write_text(text + read_aloud(), encoding="utf-8")


def read_aloud() -> str:
    """What the results hold of readings by a person, which are counted by hand and stay."""
    _, heading, counts = RESULTS.read_text(encoding="utf-8").partition(READ_ALOUD)
    return heading + counts


def groups(question: Question, population: Population, *, start: int) -> Iterator[list[str]]:
    """The opinions of each group."""
    compiled, mind = CompiledQuestion(question), LatentMindSettings()
    for group in range(N_GROUPS):
        people = [population.persona(start + GROUP_SIZE * group + k) for k in range(GROUP_SIZE)]
        stories = stories_of_deal(question, group, N_GROUPS, seed=1)
        hands = deal(question, people, stories=stories, rng=stream(1, "deal", question.id, group))
        opinions = []
        for person, hand in zip(people, hands, strict=True):
            rng = stream(1, "opinion", person.persona_id, question.id)
            words = person.writing.words * exp(MOMENT_SD * rng.standard_normal())
            conviction = consider(person, compiled, mind, seed=1)
            opinion = write_opinion(question, conviction, EN_GB, style=person.writing, words=words, rng=rng, hand=hand)
            opinions.append(opinion.text)
        yield opinions


def groups_of_people() -> Iterator[list[list[str]]]:
    """By question with at least five groups, the opinions of a hundred people at most."""
    import pandas

    raters = pandas.read_parquet(PEOPLE, columns=["rater", "question", "opinion"]).dropna()
    raters = raters.drop_duplicates(["rater", "question"])
    for _, rows in raters.groupby("question", sort=True):
        opinions = rows["opinion"].tolist()[: N_GROUPS * GROUP_SIZE]
        whole = [opinions[k : k + GROUP_SIZE] for k in range(0, len(opinions) - GROUP_SIZE + 1, GROUP_SIZE)]
        if len(whole) >= 5:
            yield whole


def variety(written: Sequence[Sequence[str]]) -> Variety:
    """Figures of the opinions of several groups on one question."""
    texts = [text for group in written for text in group]
    words = [normalise(text).split() for text in texts]
    grams = [gram for text in words for gram in runs(text, GRAM)]
    by_group = [[normalise(text).split() for text in group] for group in written]
    return Variety(
        sharing_a_run=mean(share_a_run(group) for group in by_group),
        distinct_3=len(set(grams)) / len(grams),
        self_bleu_4=mean(self_bleu(group) for group in by_group),
        recurring=recurring(texts),
        asking=mean("?" in text for text in texts),
        exclaiming=mean("!" in text for text in texts),
        misspelt=mean(map(is_misspelt, texts)),
        words=median(map(len, words)),
    )


def runs(words: Sequence[str], length: int) -> list[tuple[str, ...]]:
    return [tuple(words[k : k + length]) for k in range(len(words) - length + 1)]


def share_a_run(group: Sequence[Sequence[str]]) -> bool:
    counts = Counter(run for words in group for run in set(runs(words, RUN)))
    return any(count > 1 for count in counts.values())


def recurring(texts: Sequence[str]) -> float:
    sentences = [[normalise(sentence) for sentence in EN_GB.text.sentences(text)] for text in texts]
    counts = Counter(sentence for of_one in sentences for sentence in set(of_one))
    everything = [sentence for of_one in sentences for sentence in of_one]
    return mean(counts[sentence] > 1 for sentence in everything)


def is_misspelt(text: str) -> bool:
    words = normalise(text)
    return EN_GB.variation.respelt(words) != words


def self_bleu(group: Sequence[Sequence[str]]) -> float:
    """Mean BLEU-4 of each text against the others."""
    others = [[other for place, other in enumerate(group) if place != k] for k in range(len(group))]
    return mean(bleu(text, references) for text, references in zip(group, others, strict=True))


def bleu(text: Sequence[str], references: Sequence[Sequence[str]]) -> float:
    if len(text) < 4:
        return 0.0
    precisions = []
    for length in range(1, 5):
        counts = Counter(runs(text, length))
        allowed = [Counter(runs(reference, length)) for reference in references]
        matched = sum(min(count, max(other[gram] for other in allowed)) for gram, count in counts.items())
        precisions.append(max(matched, 0.1) / sum(counts.values()))
    nearest = min((len(reference) for reference in references), key=lambda size: (abs(size - len(text)), size))
    brevity = min(0.0, 1 - nearest / len(text))
    return exp(brevity + mean(map(log, precisions)))


def average(varieties: Sequence[Variety]) -> Variety:
    return Variety(*np.mean([astuple(one) for one in varieties], axis=0).tolist())


def report(rows: dict[str, Variety]) -> str:
    lines = [
        "# Variety of opinions",
        "",
        f"{N_QUESTIONS} questions, {N_GROUPS * GROUP_SIZE} people each in groups of {GROUP_SIZE}; means over questions.",
        machine("numpy"),
        "",
        "| figure | " + " | ".join(rows) + " |",
        "|---|" + "---|" * len(rows),
    ]
    for name, heading in HEADINGS.items():
        values = [getattr(row, name) for row in rows.values()]
        lines.append(
            f"| {heading} | " + " | ".join(f"{v:.0f}" if name == "words" else f"{v:.3f}" for v in values) + " |"
        )
    return "\n".join(lines) + "\n"


def show(questions: Sequence[Question], written: Sequence[Sequence[Sequence[str]]], n_groups: int) -> None:
    for question, of_question in list(zip(questions, written, strict=True))[:n_groups]:
        print(f"\n# {question.text}")
        for text in of_question[0]:
            print(f"\n{text}")


if __name__ == "__main__":
    main()
