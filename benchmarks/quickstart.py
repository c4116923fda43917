"""What the quickstart's language model costs on this processor, by the form its weights are in, and what each form loses.

The calls are those of the quickstart's first round: 6 samples for each of 6 groups, to prompts of some 1,200 tokens that begin
alike. Reading is timed with replies of one token, writing by what longer ones take beyond that. Quality is perplexity on the
texts of the shipped question bank, each claim in one of its wordings.

Forms: float32 and bfloat16, as the engine runs them; and int8, tried here only: weights of 7 bits with a scale for each output,
inputs of 8 bits with a scale for each row, whole-number products in between. (8 bits of weights overflow the 16-bit sums of
processors without VNNI: torch's product is then wrong, silently.)

Run:  python benchmarks/quickstart.py [--quick]      Adds a section for this processor to benchmarks/results/quickstart.md
To see what another processor would do:  ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 MKL_ENABLE_INSTRUCTIONS=AVX2
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from machine import machine

import simcons
from simcons.engines.base import Identity, OnReply, Reply, Request
from simcons.engines.local.chat import prompt_tokens
from simcons.engines.local.dtypes import fastest_dtype, product_seconds
from simcons.engines.local.language_model import LanguageModel
from simcons.engines.local.models import local_folder, resolve_model
from simcons.engines.local.prefill import shared
from simcons.engines.local.transformers_engine import TransformersEngine
from simcons.questions.bank import load_bank
from simcons.questions.forms import first_form
from simcons.scenario.engines import TransformersEngineSettings
from simcons.scenario.load import load_scenario
from simcons.scenario.shipped import find_bank

RESULTS = Path(__file__).parent / "results" / "quickstart.md"
FORMS = ("float32", "bfloat16", "int8")
LEFT_IN_FLOAT = ("lm_head", "down_proj")  # whose inputs have outliers: in int8 too they cost 2 to 3% of perplexity more


@dataclass(frozen=True, slots=True)
class Row:
    """One form of the weights. Tokens are a second of processor time, all threads together."""

    form: str
    seconds: float
    read: float
    written: float
    perplexity: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    quick = parser.parse_args().quick
    requests = first_round()[: 6 if quick else 36]
    texts = bank_texts()[: 2 if quick else 40]
    text = report([measured(form, requests, texts) for form in FORMS], len(requests), len(texts))
    print(text)
    if not quick:
        before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# The quickstart's language model\n"
        RESULTS.write_text(f"{before.rstrip()}\n\n{text}", encoding="utf-8")


# --- what is asked -----------------------------------------------------------------------------------------------


class _Recorder:
    """An engine that answers at once, and keeps what it was asked first."""

    identity: Identity = {"kind": "recorder"}

    def __init__(self) -> None:
        self.first: list[Request] = []

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        self.first = self.first or list(requests)
        replies = [Reply("all agree that more should be done.", 1, 1, "stop") for _ in requests]
        for place, reply in enumerate(replies):
            if on_reply is not None:
                on_reply(place, reply)
        return replies


def first_round() -> list[Request]:
    scenario = load_scenario("quickstart", [])
    recorder = _Recorder()
    with tempfile.TemporaryDirectory() as folder:
        simcons.run(scenario, out=folder, engines=dict.fromkeys(scenario.engines_used, recorder))
    return recorder.first


def bank_texts() -> list[str]:
    """Each question with all its claims, in wordings that take turns."""
    return [
        question.text
        + "\n"
        + " ".join(
            first_form(claim.assertions[place % len(claim.assertions)]) for place, claim in enumerate(question.claims)
        )
        for question in load_bank(find_bank("core"))
    ]


# --- forms -------------------------------------------------------------------------------------------------------


class Int8Linear(torch.nn.Module):
    """A linear layer in whole numbers [row, column]; a row's result depends on no other row."""

    def __init__(self, layer: torch.nn.Linear) -> None:
        super().__init__()
        weights = layer.weight.detach().float()
        self.scales = weights.abs().amax(1) / 63
        self.weights = (weights / self.scales[:, None]).round().to(torch.int8).t()

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        rows = inputs.reshape(-1, inputs.shape[-1]).float()
        steps = rows.abs().amax(-1, keepdim=True).clamp_min(1e-12) / 127
        products = torch._int_mm((rows / steps).round_().to(torch.int8), self.weights).float()
        return (products * steps * self.scales).reshape(*inputs.shape[:-1], -1)


def in_int8(network: Any) -> None:
    for parent in list(network.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, torch.nn.Linear) and name not in LEFT_IN_FLOAT:
                setattr(parent, name, Int8Linear(layer))


def engine_in(form: str) -> TransformersEngine:
    dtype = "bfloat16" if form == "bfloat16" else "float32"
    engine = TransformersEngine("small", TransformersEngineSettings(kind="transformers", dtype=dtype, device="cpu"))
    if form == "int8":
        in_int8(engine._model.network)
    return engine


def measured(form: str, requests: list[Request], texts: list[str]) -> Row:
    engine = engine_in(form)
    engine.complete(shortened(requests[:1], 1))  # loads
    reading, _ = timed(engine, shortened(requests, 1))
    engine._model.beginnings.kept.clear()
    writing, written = timed(engine, requests)
    return Row(
        form,
        seconds=writing,
        read=n_tokens_read(engine._model, requests) / reading,
        written=sum(reply.tokens_out for reply in written) / (writing - reading),
        perplexity=perplexity(engine._model, texts),
    )


def shortened(requests: Sequence[Request], max_tokens: int) -> list[Request]:
    return [
        replace(request, sampling=request.sampling.model_copy(update={"max_tokens": max_tokens}))
        for request in requests
    ]


def timed(engine: TransformersEngine, requests: Sequence[Request]) -> tuple[float, list[Reply]]:
    began = time.process_time()
    replies = engine.complete(requests)
    return time.process_time() - began, replies


def n_tokens_read(model: LanguageModel, requests: Sequence[Request]) -> float:
    """Distinct tokens of the prompts: what they have in common with another is read once."""
    prompts = sorted({prompt_tokens(model.tokenizer, request.messages) for request in requests})
    return shared(prompts) * sum(map(len, prompts))


@torch.inference_mode()
def perplexity(model: LanguageModel, texts: Sequence[str]) -> float:
    total, n_tokens = 0.0, 0
    for text in texts:
        ids = torch.tensor([model.tokenizer(text)["input_ids"]])
        logs = model.network(input_ids=ids).logits[0, :-1].float().log_softmax(-1)
        total -= float(logs.gather(1, ids[0, 1:, None]).sum())
        n_tokens += ids.shape[1] - 1
    return math.exp(total / n_tokens)


# --- report ------------------------------------------------------------------------------------------------------


def report(rows: Sequence[Row], n_requests: int, n_texts: int) -> str:
    folder, device = local_folder(resolve_model("smollm2-135m-instruct")), torch.device("cpu")
    products = product_seconds(folder, device)
    ratio = products["float32"] / products["bfloat16"]
    lines = [
        f"## torch at {torch.backends.cpu.get_cpu_capability()}, {torch.get_num_threads()} threads",
        "",
        f"{machine('torch', 'transformers')}. {n_requests} calls; perplexity on {n_texts} texts.",
        "",
        "| weights | processor seconds of the calls | prompt tokens read a second | tokens written a second | perplexity |",
        "|---|---:|---:|---:|---:|",
        *(
            f"| {row.form} | {row.seconds:.1f} | {row.read:,.0f} | {row.written:.0f} | {row.perplexity:.1f} |"
            for row in rows
        ),
        "",
        f"`dtype: auto` chooses **{fastest_dtype(folder, device)}**: a product in bfloat16 is {ratio:.2f} times as fast as in"
        " float32.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
