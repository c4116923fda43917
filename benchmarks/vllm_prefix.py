"""Ratings with a common beginning in vLLM's offline engine, with SmolLM2-135M on this machine.

16 candidates rated by each of 5 people by log-probability (300 words of persona, question and opinion alike for a person,
then 60 of the candidate): all handed over together; one a person first, the rest once it is answered; and, for comparison,
with no two prompts alike. Interleaved, each repetition with new words.

Run in vLLM's own environment:  python benchmarks/vllm_prefix.py [--quick]      Writes benchmarks/results/vllm_prefix.md
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from importlib.metadata import packages_distributions
from pathlib import Path
from statistics import median

from machine import machine

from simcons.engines.base import Message, Request
from simcons.engines.local.vllm_engine import VllmEngine
from simcons.scenario.engines import SamplingSettings, VllmEngineSettings
from simcons.seeds import stream

RESULTS = Path(__file__).parent / "results" / "vllm_prefix.md"
WORDS = (
    "the",
    "a",
    "of",
    "people",
    "city",
    "tax",
    "bus",
    "free",
    "fair",
    "work",
    "school",
    "rich",
    "poor",
    "road",
    "law",
)
SCALE = tuple("1234567")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    quick = parser.parse_args().quick
    if importlib.util.find_spec("vllm") is None:
        print("vLLM is not installed here: nothing measured")
        return
    engine = VllmEngine("m", VllmEngineSettings(kind="vllm", dtype="bfloat16", max_context=2048))
    engine.complete([rating(words(50, 0), 0)])
    prefixes = prefix_rows(engine, n_candidates=4 if quick else 16, repetitions=1 if quick else 3)
    text = report(prefixes)
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")


def words(n: int, *key: int) -> str:
    return " ".join(WORDS[place] for place in stream(1, "words", *key).integers(len(WORDS), size=n))


def rating(prompt: str, seed: int) -> Request:
    return Request("m", (Message("text", prompt),), SamplingSettings(), seed, answer="logprobs", choices=SCALE)


def timed(engine: VllmEngine, requests: list[Request]) -> float:
    began = time.perf_counter()
    engine.complete(requests)
    return time.perf_counter() - began


def prefix_rows(engine: VllmEngine, *, n_candidates: int, repetitions: int) -> dict[str, list[float]]:
    """Seconds by way of asking, one a repetition."""
    seconds: dict[str, list[float]] = {"together": [], "one first": [], "nothing alike": []}
    for repetition in range(repetitions):
        for way, asked in _ways(n_candidates, repetition).items():
            seconds[way].append(sum(timed(engine, requests) for requests in asked))
    return seconds


def _ways(n_candidates: int, repetition: int) -> dict[str, list[list[Request]]]:
    def people(way: int) -> list[list[Request]]:
        return [
            [
                rating(f"{words(300, repetition, way, person)} {words(60, repetition, way, person, n)}", n)
                for n in range(n_candidates)
            ]
            for person in range(5)
        ]

    def apart() -> list[Request]:
        return [rating(words(360, repetition, 3, n), n) for n in range(5 * n_candidates)]

    led = people(1)
    return {
        "together": [[request for person in people(0) for request in person]],
        "one first": [[person[0] for person in led], [request for person in led for request in person[1:]]],
        "nothing alike": [apart()],
    }


def report(prefixes: dict[str, list[float]]) -> str:
    n_repetitions = len(prefixes["together"])
    ratios = [alone / shared for alone, shared in zip(prefixes["one first"], prefixes["together"], strict=True)]
    rows = [f"| {way} | {median(runs):.2f} | {min(runs):.2f} to {max(runs):.2f} |" for way, runs in prefixes.items()]
    return "\n".join(
        [
            "# vLLM's offline engine with SmolLM2-135M in bfloat16",
            "",
            machine(packages_distributions()["vllm"][0], "torch", "transformers"),
            "",
            f"`python benchmarks/vllm_prefix.py`, {n_repetitions} repetitions. Ratings of 16 candidates by each of 5 people:",
            "",
            "| asked | median seconds | range |",
            "|---|---:|---:|",
            *rows,
            "",
            f"One first takes {median(ratios):.2f} times as long as together ({min(ratios):.2f} to {max(ratios):.2f}).",
            "",
        ]
    )


if __name__ == "__main__":
    main()
