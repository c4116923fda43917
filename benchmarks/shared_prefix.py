"""What reading the common beginnings of prompts once is worth, with the packaged model on the CPU.

1. Ratings: 5 people judge 16 candidates each, by log-probabilities over 1-7. One person's prompts differ from the statement on.
2. Candidates: 16 samples for each of 5 groups; the prompts have their instructions and examples in common. The samples of
   one prompt share its reading either way.

Both ways are timed in turn in one process, after a call that loads and warms up.

Run:  python benchmarks/shared_prefix.py [--quick]      Writes benchmarks/results/shared_prefix.md
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

import numpy as np
from machine import machine

from simcons.engines.acts import run_act
from simcons.engines.base import Reply, Request
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.languages.en_gb import EN_GB
from simcons.mediator.generator import model_samples, scripted_samples
from simcons.mediator.prompts import load_prompt
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.population.minds.discussion import Discussion, Respondent, Statement, Submission
from simcons.population.minds.latent import LatentMind
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.prompts import load_templates
from simcons.population.synthesis import synthesise
from simcons.questions.bank import Question, load_bank
from simcons.questions.readers import RulesReader
from simcons.scale import USUAL
from simcons.scenario.engines import TransformersEngineSettings
from simcons.scenario.mediators import LanguageModelGeneratorSettings, ScriptedGeneratorSettings
from simcons.scenario.minds import LatentMindSettings, LlmMindSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.shipped import find_bank, find_population, find_prompt

RESULTS = Path(__file__).parent / "results" / "shared_prefix.md"
SCALE = np.arange(1, 8)


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of each repetition, both ways, and the replies of the last."""

    requests: list[Request]
    apart: list[float]
    shared: list[float]
    replies_apart: list[Reply]
    replies_shared: list[Reply]

    @property
    def ratios(self) -> list[float]:
        return [apart / shared for apart, shared in zip(self.apart, self.shared, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    quick = parser.parse_args().quick
    questions = load_bank(find_bank("core"))[: 2 if quick else 5]
    n = 3 if quick else 16
    engines = [
        TransformersEngine("m", TransformersEngineSettings(kind="transformers", device="cpu", share_prefixes=share))
        for share in (False, True)
    ]
    ratings = timed(engines, rating_requests(questions[0], n), 1 if quick else 3)
    candidates = timed(engines, candidate_requests(questions, n), 1 if quick else 3)
    text = report(ratings, candidates)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


# --- what is asked -----------------------------------------------------------------------------------------------


def rating_requests(question: Question, n_candidates: int) -> list[Request]:
    """Every person's agreement with every candidate, candidate by candidate, as a study asks for them."""
    settings = LlmMindSettings(kind="llm", engine="m", beliefs="latent")
    mind = LlmMind(settings, load_templates(settings), EN_GB, scales=USUAL, seed=0)
    people = group(question)
    seen, scripted = view(people), ScriptedGeneratorSettings(samples=n_candidates)
    samples = run_act(scripted_samples(seen, seen.opinions, scripted, EN_GB, seed=0, key="benchmark"), {})
    statements = [Statement(sample.text) for sample in samples]
    discussion = Discussion(question, "r", {}, RulesReader(EN_GB), EN_GB, scales=USUAL, seed=0)
    asked = []
    for person in people:
        requests = next(mind.judge(person, statements, discussion))
        asked.append([request for request in requests if request.act == "agreement"])
    return [request for candidate in zip(*asked, strict=True) for request in candidate]


def candidate_requests(questions: Sequence[Question], n_samples: int) -> list[Request]:
    """Samples for one group on each question."""
    settings = LanguageModelGeneratorSettings(kind="language_model", engine="m", samples=n_samples)
    render = load_prompt(find_prompt(settings.prompt))
    asked = []
    for question in questions:
        seen = view(group(question))
        asked += next(model_samples(seen, seen.opinions, settings, render, EN_GB, seed=0, key="benchmark"))
    return asked


def group(question: Question) -> list[Respondent]:
    """Five people who know what they hold and have written it."""
    crowd = synthesise(load_population_file(find_population("uk")), 5, seed=3)
    latent = LatentMind(LatentMindSettings(), EN_GB, scales=USUAL, seed=0)
    people = []
    for place in range(len(crowd)):
        person = Respondent(f"p{place}", crowd.persona(place), question, "r")
        opinion = run_act(latent.write(person, person.persona.writing.words), {}).opinion
        sent = Submission(f"o{place}", opinion, opinion.text, opinion.text)
        people.append(replace(person, opinion=opinion, submission=sent, beliefs=latent.beliefs(person, 60)))
    return people


def view(people: Sequence[Respondent]) -> RoundView:
    opinions = tuple(SeenOpinion(person.submission.opinion_id, person.submission.text) for person in people)
    return RoundView("r", people[0].question, opinions, {"reader": RulesReader(EN_GB)})


# --- timing ------------------------------------------------------------------------------------------------------


def timed(engines: Sequence[TransformersEngine], requests: list[Request], repetitions: int) -> Timing:
    for engine in engines:
        short = [
            replace(request, sampling=request.sampling.model_copy(update={"max_tokens": 4})) for request in requests
        ]
        engine.complete(short[:: len(requests) // 4])
    seconds: tuple[list[float], list[float]] = ([], [])
    replies: list[list[Reply]] = [[], []]
    for _ in range(repetitions):
        for way, engine in enumerate(engines):
            began = time.perf_counter()
            replies[way] = engine.complete(requests)
            seconds[way].append(time.perf_counter() - began)
            print(
                f"{requests[0].act}, {('apart', 'shared')[way]}: {seconds[way][-1]:.1f} s", file=sys.stderr, flush=True
            )
    return Timing(requests, *seconds, *replies)


# --- the report --------------------------------------------------------------------------------------------------


def report(ratings: Timing, candidates: Timing) -> str:
    n_prompt = ratings.replies_shared[0].tokens_in
    lines = [
        "# Common beginnings of prompts read once",
        "",
        machine("torch", "transformers"),
        "",
        "`python benchmarks/shared_prefix.py`: SmolLM2-135M-Instruct in bfloat16 on the CPU. Medians over repetitions in turn,"
        " their range in brackets; the speed-up is within each repetition. Tokens/s are the tokens of all prompts and replies"
        " over the seconds, whether or not a token was read before.",
        "",
        "| | requests | read apart, s | shared, s | speed-up | tokens/s apart | tokens/s shared | a second apart"
        " | a second shared |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
        row("ratings (16 candidates x 5 people)", ratings),
        row("candidates (16 for each of 5 groups, few_shot)", candidates),
        "",
        f"The first rating prompt has {n_prompt} tokens. {difference(ratings)}",
        "",
    ]
    return "\n".join(lines)


def row(name: str, timing: Timing) -> str:
    n_tokens = [
        sum(reply.tokens_in + reply.tokens_out for reply in replies)
        for replies in (timing.replies_apart, timing.replies_shared)
    ]
    apart, shared, n = median(timing.apart), median(timing.shared), len(timing.requests)
    return (
        f"| {name} | {n} | {spread(timing.apart)} | {spread(timing.shared)} | {spread(timing.ratios)}"
        f" | {n_tokens[0] / apart:,.0f} | {n_tokens[1] / shared:,.0f} | {n / apart:.1f} | {n / shared:.1f} |"
    )


def spread(values: Sequence[float]) -> str:
    return f"{median(values):.2f} [{min(values):.2f}, {max(values):.2f}]"


def difference(timing: Timing) -> str:
    pairs = list(zip(timing.replies_apart, timing.replies_shared, strict=True))
    logs = max(abs(a - b) for one, other in pairs for a, b in zip(one.logprobs, other.logprobs, strict=True))
    points = [abs(expected(one) - expected(other)) for one, other in pairs]
    mass = median(float(np.exp(reply.logprobs).sum()) for _, reply in pairs)
    return (
        f"Between the two ways of reading, in bfloat16, log-probabilities differ by at most {logs:.2f} and expected ratings by"
        f" at most {max(points):.3f} points (mean {np.mean(points):.3f}). Median probability on 1-7 together: {mass:.2f}."
    )


def expected(reply: Reply) -> float:
    weights = np.exp(reply.logprobs)
    return float(SCALE @ weights / weights.sum())


if __name__ == "__main__":
    main()
