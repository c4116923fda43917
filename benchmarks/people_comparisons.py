"""A reward model on people's comparisons: learnt from some of the DeliberationBank raters, tried on others.

Each rater wrote an opinion, and said which of two summaries of other people's opinions represents them more. A quarter of the
raters, drawn by the seed, choose nothing and are tried. The others are learnt from by the loop's own commands, but for a tenth
that decides when to stop:

  simcons import, simcons train data --hold-out groups, simcons train reward --recipe reward_late_interaction

What is there already is not made again, and training goes on from the step that was last saved: stopped and begun once more with
the same options, it ends the same. The data (../shared/data/deliberation_people) do not come with simcons. All raters take an
estimated two thirds of an hour of one core; --raters N learns from fewer, --held-out N tries fewer.

Run:  python benchmarks/people_comparisons.py [--raters N] [--held-out N] [--set KEY=VALUE]
Writes benchmarks/results/people_comparisons.md
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
from machine import machine
from sklearn.feature_extraction.text import TfidfVectorizer

import simcons
from simcons.analysis.resampling import Estimate, mean
from simcons.arrays import Floats
from simcons.engines.load import load_engines
from simcons.engines.local.reward_manifest import RewardManifest, read_manifest
from simcons.engines.scores import score_request
from simcons.scenario.engines import RewardEngineSettings
from simcons.seeds import stream
from simcons.storage.layout import MANIFEST
from simcons.training.checkpoint import TrainingFolder
from simcons.training.data.examples import Comparison
from simcons.training.data.folder import load_training_data

RESULTS = Path(__file__).parent / "results" / "people_comparisons.md"
PEOPLE = Path(__file__).parents[2] / "shared" / "data" / "deliberation_people"
WORK = Path("build") / "people_comparisons"
TRIED, FOR_STOPPING = 0.25, 0.1  # of the raters, and of the others
NETWORK, LONGER, SIMILAR, WRITER = "the reward model", "the longer one", "the more similar one", "the writer liked more"

Ahead: TypeAlias = Mapping[str, Floats]  # by judge, how far it puts the preferred statement before the other [pair]


@dataclass(frozen=True, slots=True)
class Side:
    """Raters that are learnt from, or held out, and the folders that are made of them."""

    folder: Path

    @property
    def tables(self) -> Path:
        return self.folder / "tables"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def comparisons(self) -> list[Comparison]:
        """Those with a preference."""
        sides = load_training_data(self.data).sides().values()
        return [pair for side in sides for pair in side.comparisons]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raters", type=int, metavar="N", help="to learn from; by default all that are not held out")
    parser.add_argument("--held-out", type=int, metavar="N", help="to try; by default all that are held out")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of the recipe; repeatable")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--people", type=Path, default=PEOPLE, metavar="FOLDER", help="where the study's tables are")
    parser.add_argument("--work", type=Path, default=WORK, metavar="FOLDER", help="what is made on the way")
    given = parser.parse_args()
    if not given.people.is_dir():
        print(f"{given.people}: no such folder: nothing is measured")
        return
    raters = pd.read_parquet(given.people / "raters.parquet")
    tried, others = np.split(
        stream(given.seed, "people comparisons").permutation(len(raters)), [round(TRIED * len(raters))]
    )
    tried, others = tried[: given.held_out], others[: given.raters]
    learnt = Side(given.work / f"{len(others)}_learnt_{given.seed}")
    held_out = Side(given.work / f"{len(tried)}_held_out_{given.seed}")
    for side, places in ((held_out, tried), (learnt, others)):
        prepare(side, raters.iloc[np.sort(places)], given.people, given.seed)
    checkpoint = learnt.folder / "-".join(["reward", *given.set]).replace("/", "_")
    train(learnt, checkpoint, given.set)
    report = results(learnt, held_out, checkpoint, given.set, n_raters=(len(others), len(tried)))
    RESULTS.write_text(report, encoding="utf-8")
    print(report)


# --- the loop's commands -----------------------------------------------------------------------------------------


def prepare(side: Side, raters: pd.DataFrame, people: Path, seed: int) -> None:
    """An import of these raters, and training data of it."""
    if not (side.run / MANIFEST).exists():
        renew(side.tables, side.run)
        side.tables.mkdir(parents=True)
        raters.to_parquet(side.tables / "raters.parquet")
        shutil.copy(people / "summaries.parquet", side.tables)
        command("import", side.tables, "--mapping", "deliberation_people", "--out", side.run)
    if not (side.data / MANIFEST).exists():
        renew(side.data)
        split = ("--hold-out", "groups", "--validation", FOR_STOPPING, "--least", 1, "--seed", seed)
        command("train", "data", side.run, *split, "--out", side.data)


def train(side: Side, checkpoint: Path, overrides: Sequence[str]) -> None:
    if (folder := TrainingFolder(checkpoint)).finished:
        return
    recipe = ["--recipe", "reward_late_interaction", *(word for given in overrides for word in ("--set", given))]
    resume = ["--resume"] if folder.steps.exists() else []
    if not resume:
        renew(checkpoint)
    command("train", "reward", side.data, *recipe, "--out", checkpoint, *resume)


def renew(*folders: Path) -> None:
    """Remove what an interruption left half made."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def command(*words: object) -> None:
    subprocess.run([sys.executable, "-m", "simcons", *map(str, words)], check=True)


# --- judges ------------------------------------------------------------------------------------------------------


def judged(learnt: Side, held_out: Side, checkpoint: Path) -> Ahead:
    """Pairs of held-out raters by all judges; NaN of a pair with a text that is too long for the network."""
    pairs = held_out.comparisons
    liked = shares_won(learnt.comparisons, writers(learnt))
    wrote = writers(held_out)
    return {
        NETWORK: scored(pairs, checkpoint),
        LONGER: np.array([len(pair.chosen) - len(pair.rejected) for pair in pairs], dtype=np.float64),
        SIMILAR: nearer(pairs),
        WRITER: np.array(
            [liked.get(wrote[pair.chosen_id], 0.5) - liked.get(wrote[pair.rejected_id], 0.5) for pair in pairs]
        ),
    }


def scored(pairs: Sequence[Comparison], checkpoint: Path) -> Floats:
    settings = RewardEngineSettings(kind="reward", checkpoint=str(checkpoint))
    engine = load_engines({"reward": settings}, {"reward"})["reward"]
    asked = [score_request("reward", pair.question, pair.opinion, [pair.chosen, pair.rejected]) for pair in pairs]
    scores = [reply.scores or (None, None) for reply in engine.complete(asked)]
    chosen, rejected = np.array(scores, dtype=np.float64).T
    return np.asarray(chosen - rejected)


def nearer(pairs: Sequence[Comparison]) -> Floats:
    """By the cosine with the rater's own opinion, of words of which rare ones weigh more."""
    columns = [[pair.opinion for pair in pairs], [pair.chosen for pair in pairs], [pair.rejected for pair in pairs]]
    words = TfidfVectorizer(sublinear_tf=True).fit([text for column in columns for text in column])
    opinions, chosen, rejected = map(words.transform, columns)
    return np.asarray(opinions.multiply(chosen - rejected).sum(axis=1)).ravel()


def writers(side: Side) -> dict[str, str]:
    """The model that wrote each statement, by the statement's id."""
    candidates = simcons.load(side.run).frame("candidates")
    return dict(zip(candidates["candidate_id"], candidates["generator"], strict=True))


def shares_won(pairs: Sequence[Comparison], wrote: Mapping[str, str]) -> Mapping[str, float]:
    """By writer, the share of its comparisons that it wins."""
    won = Counter(wrote[pair.chosen_id] for pair in pairs)
    lost = Counter(wrote[pair.rejected_id] for pair in pairs)
    return {writer: won[writer] / (won[writer] + lost[writer]) for writer in {*won, *lost}}


# --- results -----------------------------------------------------------------------------------------------------


def results(
    learnt: Side, held_out: Side, checkpoint: Path, overrides: Sequence[str], *, n_raters: tuple[int, int]
) -> str:
    ahead = judged(learnt, held_out, checkpoint)
    there = np.isfinite(ahead[NETWORK])
    right = {name: (np.sign(values[there]) + 1) / 2 for name, values in ahead.items()}
    manifest = read_manifest(checkpoint)
    head = HEAD.format(
        learnt=n_raters[0],
        held_out=n_raters[1],
        training=how_trained(manifest, overrides),
        pairs=len(there),
        scored=int(there.sum()),
        limit=manifest.max_tokens,
    )
    return head + "\n".join(row(name, right) for name in right) + f"\n\n{machine('torch', 'transformers')}\n"


def how_trained(manifest: RewardManifest, overrides: Sequence[str]) -> str:
    record = manifest.training
    changed = f" with {', '.join(f'`{given}`' for given in overrides)}" if overrides else ""
    return (
        f"`reward_late_interaction`{changed}, {record['examples']:,} raters with a preference, step {record['kept_step']:,} of"
        f" {record['steps']:,} kept"
    )


def row(name: str, right: Mapping[str, Floats]) -> str:
    share = mean(right[name], share=True)
    less = "" if name == NETWORK else told(mean(right[NETWORK] - right[name]), "{:+.3f}")
    return f"| {name} | {told(share, '{:.3f}')} | {less} |"


def told(estimate: Estimate, form: str) -> str:
    if estimate.interval is None:
        return form.format(estimate.value)
    return f"{form} [{form}, {form}]".format(estimate.value, *estimate.interval)


HEAD = """# A reward model on people's comparisons

DeliberationBank: raters wrote an opinion and said which of two summaries of other people's opinions represents them more.
Learnt from {learnt:,} raters, tried on {held_out:,} others; ties are left out.
Recipe {training}.
Of {pairs:,} pairs of held-out raters {scored:,} are counted: the others have a text of more than {limit:,} tokens, which the
network does not read. Made by `benchmarks/people_comparisons.py`.

Share of pairs that each judge puts in the rater's order, a tie being half of one, and by how much the reward model's share is
larger, with 95% intervals over raters. *Similar*: by words that opinion and summary have in common, rare ones weighing more.
*Liked more*: by those learnt from.

| judge | share | the reward model's less this |
|---|---:|---:|
"""


if __name__ == "__main__":
    main()
