"""What batching and reading beginnings once is worth when a reward model scores 16 candidates for 5 opinions, on the CPU.

1. A causal model (SmolLM2-135M) with a linear head, which reads the question and an opinion once for all candidates.
2. A cross-encoder (MiniLM) with its head, which reads every triple, those of about a length together.
3. Late interaction (MiniLM), which reads questions, opinions and candidates once each and compares their tokens.

The plain batch is what a script would do: the candidates of one opinion at a time, padded to the longest, through the same
network. The heads are untrained, which changes no time. Both ways are timed in turn in one process, after a call that warms up,
in seconds of processor time on one thread, which neighbours on the machine change least.

Run:  python benchmarks/reward_scoring.py [--quick] [--groups 8]      Writes benchmarks/results/reward_scoring.md
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

import numpy as np
import torch
from machine import machine

from simcons.engines.acts import run_act
from simcons.engines.base import Request
from simcons.engines.local.models import model_hash
from simcons.engines.local.prefill import Tokens
from simcons.engines.local.reward_engine import RewardEngine
from simcons.engines.local.reward_manifest import Architecture, Calibration, RewardManifest
from simcons.engines.local.reward_model import (
    PACKAGED_ENCODER_NAME,
    RewardModel,
    TripleTokens,
    base_folder,
    load_reward_model,
    new_network,
    save_reward_model,
)
from simcons.engines.local.rows import padded_right
from simcons.engines.scores import score_request
from simcons.languages.en_gb import EN_GB
from simcons.mediator.generator import scripted_samples
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.population.minds.discussion import Respondent
from simcons.population.minds.latent import LatentMind
from simcons.population.synthesis import synthesise
from simcons.questions.bank import Question, load_bank
from simcons.questions.readers import RulesReader
from simcons.scale import USUAL
from simcons.scenario.engines import RewardEngineSettings
from simcons.scenario.mediators import ScriptedGeneratorSettings
from simcons.scenario.minds import LatentMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_bank, find_population

RESULTS = Path(__file__).parent / "results" / "reward_scoring.md"
N_CANDIDATES, N_OPINIONS = 16, 5
MODELS: dict[Architecture, str] = {
    "causal": "smollm2-135m-instruct",
    "encoder": PACKAGED_ENCODER_NAME,
    "late_interaction": PACKAGED_ENCODER_NAME,
}


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of processor time of each repetition, both ways, and the scores [triple] of the last."""

    plain: list[float]
    batched: list[float]
    scores_plain: list[float]
    scores_batched: list[float]

    @property
    def ratios(self) -> list[float]:
        return [plain / batched for plain, batched in zip(self.plain, self.batched, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="one group, timed once, nothing written: to see that it works"
    )
    parser.add_argument("--groups", type=int, default=8, help="whose requests wait together")
    parser.add_argument("--repetitions", type=int, default=3, help="of a causal model's timing; of the others three")
    given = parser.parse_args()
    quick = given.quick
    torch.set_num_threads(1)
    questions = load_bank(find_bank("core"))[: 1 if quick else given.groups]
    requests = [request for question in questions for request in group_requests(question)]
    rows, lengths = [], []
    for architecture, base in MODELS.items():
        with TemporaryDirectory() as folder:
            model, engine = made(Path(folder), architecture, base)
            repetitions = given.repetitions if architecture == "causal" else 3
            timing = timed(model, engine, requests, 1 if quick else repetitions)
            rows.append(row(f"{base} ({architecture}, {engine.dtype})", timing, len(requests) * N_CANDIDATES))
            lengths.append(described(architecture, triples(model, requests), timing))
    text = report(rows, lengths, len(questions))
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


# --- what is scored ----------------------------------------------------------------------------------------------


def group_requests(question: Question) -> list[Request]:
    """One group's requests: each opinion with all candidates."""
    opinions = written_opinions(question)
    seen = tuple(SeenOpinion(f"o{place}", text) for place, text in enumerate(opinions))
    view = RoundView("r", question, seen, {"reader": RulesReader(EN_GB)})
    scripted = ScriptedGeneratorSettings(samples=N_CANDIDATES)
    samples = run_act(scripted_samples(view, view.opinions, scripted, EN_GB, seed=0, key="benchmark"), {})
    statements = [sample.text for sample in samples]
    return [score_request("rm", question.text, opinion, statements) for opinion in opinions]


def written_opinions(question: Question) -> list[str]:
    crowd = synthesise(load_population_file(find_population("uk")), N_OPINIONS, seed=3)
    latent = LatentMind(LatentMindSettings(), EN_GB, scales=USUAL, seed=0)
    people = [Respondent(f"p{place}", crowd.persona(place), question, "r") for place in range(len(crowd))]
    return [run_act(latent.write(person, person.persona.writing.words), {}).opinion.text for person in people]


def made(folder: Path, architecture: Architecture, base: str) -> tuple[RewardModel, RewardEngine]:
    """The same checkpoint, once as a network to be asked plainly and once as an engine."""
    source = base_folder(base)
    tokens = TripleTokens(source, architecture)
    manifest = RewardManifest(
        architecture=architecture,
        base=base,
        base_hash=model_hash(source),
        adapter=False,
        max_tokens=512,
        end_token=tokens.end_token,
        pad_token=tokens.pad_token,
        calibration=Calibration(raw=(-1.0, 1.0), rating=(3.0, 5.0)),
    )
    save_reward_model(folder, new_network(architecture, source, tokens, seed=0), tokens, manifest)
    engine = RewardEngine("rm", RewardEngineSettings(kind="reward", checkpoint=str(folder), device="cpu"))
    return load_reward_model(folder, dtype=engine.dtype), engine


def triples(model: RewardModel, requests: Sequence[Request]) -> list[Tokens]:
    return [
        model.tokens(request.messages[0].content, request.messages[1].content, statement)
        for request in requests
        for statement in request.choices
    ]


# --- timing ------------------------------------------------------------------------------------------------------


def timed(model: RewardModel, engine: RewardEngine, requests: list[Request], repetitions: int) -> Timing:
    def batched() -> list[float]:
        return [score for reply in engine.complete(requests) for score in reply.scores if score is not None]

    def plain() -> list[float]:
        return plain_scores(model, requests)

    ways: tuple[Callable[[], list[float]], ...] = (plain, batched)
    engine.complete(requests[:1])
    plain_scores(model, requests[:1])
    seconds: tuple[list[float], list[float]] = ([], [])
    scores: list[list[float]] = [[], []]
    for _ in range(repetitions):
        for way, ask in enumerate(ways):
            began = time.process_time()
            scores[way] = ask()
            seconds[way].append(time.process_time() - began)
            print(f"{('plain', 'batched')[way]}: {seconds[way][-1]:.1f} s", file=sys.stderr, flush=True)
    return Timing(*seconds, *scores)


@torch.inference_mode()
def plain_scores(model: RewardModel, requests: Sequence[Request]) -> list[float]:
    rows, pad = triples(model, requests), model.tokens.tokenizer.pad_token_id
    raw: list[float] = []
    for start in range(0, len(rows), N_CANDIDATES):
        ids, mask = padded_right(rows[start : start + N_CANDIDATES], pad)
        raw += model.network(input_ids=ids, attention_mask=mask).logits[:, 0].float().tolist()
    return [float(rating) for rating in model.manifest.ratings(np.array(raw))]


# --- the report --------------------------------------------------------------------------------------------------


def report(rows: Sequence[str], lengths: Sequence[str], n_groups: int) -> str:
    lines = [
        "# Scoring by a reward model: batches of all that waits, beginnings read once",
        "",
        machine("torch", "transformers"),
        "",
        f"`python benchmarks/reward_scoring.py --groups {n_groups}`: {N_CANDIDATES} candidates for {N_OPINIONS} opinions of each"
        " group, in seconds of processor time on one thread. Medians over repetitions in turn, their range in brackets; the"
        " speed-up is within each.",
        "",
        "| | triples | plain, s | engine, s | speed-up | triples/s plain | triples/s engine |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *rows,
        "",
        *lengths,
        "",
    ]
    return "\n".join(lines)


def row(name: str, timing: Timing, n_triples: int) -> str:
    plain, batched = n_triples / median(timing.plain), n_triples / median(timing.batched)
    return (
        f"| {name} | {n_triples} | {spread(timing.plain)} | {spread(timing.batched)} | {spread(timing.ratios)}"
        f" | {plain:.1f} | {batched:.1f} |"
    )


def described(architecture: Architecture, rows: Sequence[Tokens], timing: Timing) -> str:
    apart = max(abs(a - b) for a, b in zip(timing.scores_plain, timing.scores_batched, strict=True))
    shared = 1 - len({row[:n] for row in rows for n in range(1, len(row) + 1)}) / sum(map(len, rows))
    return (
        f"{architecture}: {mean(map(len, rows)):.0f} tokens a triple, {shared:.0%} of them in a beginning that another has too;"
        f" scores of the two ways differ by at most {apart:.4f}."
    )


def spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} [{min(values):.2f}, {max(values):.2f}]"


if __name__ == "__main__":
    main()
