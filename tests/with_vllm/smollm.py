"""Settings and requests that the tests here share. Not in a folder called vllm: that would hide the package."""

from __future__ import annotations

import importlib.util

from simcons.engines.base import Message, Request
from simcons.scenario.engines import SamplingSettings, VllmEngineSettings

WITHOUT_VLLM = importlib.util.find_spec("vllm") is None
REASON = "vLLM is not installed here (run with: make test-vllm)"
CONTEXT = 2048
SERVED = "smollm"
SERVER_CONTEXT = 1024
NATS = 2e-3  # float32 in two libraries, 30 layers

SCALE = tuple("1234567")
CHAT = (
    Message("system", "You are a participant in a survey."),
    Message("user", "Should buses be free? Answer with a number from 1 (no) to 7 (yes)."),
)
PREFILLED = (*CHAT, Message("assistant", "My answer is"))
BARE = (Message("text", "Question: should buses be free, from 1 to 7?\nAnswer:"),)
PROMPTS = [CHAT, PREFILLED, BARE, (Message("user", "Name a fruit. " * 30),)]


def settings(**given) -> VllmEngineSettings:
    return VllmEngineSettings(kind="vllm", dtype="float32", max_context=CONTEXT, batch_size=64, **given)


def scores(messages: tuple[Message, ...], choices: tuple[str, ...] = SCALE) -> Request:
    return Request("m", messages, SamplingSettings(), seed=0, answer="logprobs", choices=choices)


def writes(messages: tuple[Message, ...], seed: int = 0, **sampling) -> Request:
    return Request(
        "m", messages, SamplingSettings(**{"temperature": 0.9, "min_p": 0.05, "max_tokens": 24} | sampling), seed
    )
