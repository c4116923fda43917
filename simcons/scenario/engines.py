"""Engines as a scenario names them, how tokens are drawn, and what a run may spend.

Settings that a reply depends on are part of an engine's identity (see `engines.base.Engine`); those that only change its
speed (`Speed`) may differ between a run and its resumption.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from simcons.scenario.bounds import MANY, AtMost
from simcons.scenario.names import VARIABLE_FORM
from simcons.scenario.parameters import StrictModel

Size: TypeAlias = Annotated[PositiveInt, AtMost(65_536, "more than any engine works on at once")]
Tokens: TypeAlias = Annotated[PositiveInt, AtMost(100_000_000, "more than any model reads")]
Rate: TypeAlias = Annotated[PositiveInt, MANY]
NonNegative: TypeAlias = Annotated[float, Field(ge=0)]


class SamplingSettings(StrictModel):
    """The sampling of tokens. Temperature and min-p; top-p is left out because it halves speed on CPUs."""

    temperature: NonNegative = Field(0.9, description="0: always the likeliest token")
    min_p: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.08, description="tokens less likely than this share of the likeliest are not drawn"
    )
    max_tokens: Annotated[int, Field(ge=1, le=4096)] = Field(110, description="of the reply, which is cut there")


class PriceSettings(StrictModel):
    """The price of a model per million tokens, in whatever currency the budget is in."""

    input: NonNegative = Field(0.0, description="of prompts")
    output: NonNegative = Field(0.0, description="of replies")

    def of(self, tokens_in: int, tokens_out: int) -> float:
        """The price of one call."""
        return (tokens_in * self.input + tokens_out * self.output) / 1e6


class CommonEngineSettings(StrictModel):
    """Settings that all engines have."""

    price_per_million: PriceSettings = PriceSettings()

    @property
    def costs_money(self) -> bool:
        return self.price_per_million.input > 0 or self.price_per_million.output > 0

    @property
    def writes(self) -> bool:
        """True if it is a language model, or stands for one, which can be asked for texts and choices."""
        return True

    @property
    def scores(self) -> bool:
        """True if it can be asked how far the author of an opinion would agree with statements."""
        return False

    @property
    def continues(self) -> bool:
        """True if the model is sure to go on from a given beginning of its reply, rather than being asked in words for it."""
        return True

    @property
    def loads_model(self) -> bool:
        """True if it holds a model in the process of the run."""
        return False


class TransformersEngineSettings(CommonEngineSettings):
    """A language model in this process, through transformers."""

    kind: Literal["transformers"]
    model: str = Field(
        "smollm2-135m-instruct", description="a packaged model, a model folder, a .gguf file, or a hub id"
    )
    adapter: str | None = Field(None, description="a shipped LoRA adapter, or a folder with one (PEFT), for this model")
    dtype: Literal["auto", "bfloat16", "float32"] = Field(
        "auto", description="auto: the faster on this processor, measured; what it is stands in the manifest"
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, ...")
    batch_size: Size = Field(
        64, description="requests answered at a time; on a CPU fewer, where long prompts take much memory"
    )
    share_prefixes: bool = Field(True, description="read the common beginning of prompts once")

    @property
    def loads_model(self) -> bool:
        return True


class VllmEngineSettings(CommonEngineSettings):
    """A language model in this process, through vLLM: continuous batching, prefix caching."""

    kind: Literal["vllm"]
    model: str = Field(
        "smollm2-135m-instruct", description="a packaged model, a model folder, a .gguf file, or a hub id"
    )
    adapter: str | None = Field(None, description="a shipped LoRA adapter, or a folder with one (PEFT), for this model")
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = Field("auto", description="auto: the model's own")
    tensor_parallel: Size = Field(1, description="GPUs that share the model")
    gpu_memory: Annotated[float, Field(gt=0, le=1)] = Field(0.9, description="share of the GPU's memory to use")
    max_context: Tokens | None = Field(None, description="tokens of prompt and reply; by default the model's own")
    batch_size: Size = Field(256, description="sequences under way at a time")

    @property
    def loads_model(self) -> bool:
        return True


# Parameters of a request that follow from the scenario, and what they are set by there.
NOT_FREE: dict[str, str] = {
    "model": "the setting model",
    **dict.fromkeys(("messages", "prompt"), "a prompt file"),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "temperature"), "the setting sampling"),
    **dict.fromkeys(("logprobs", "top_logprobs"), "elicitation.by"),
    **dict.fromkeys(("seed", "n", "stream"), "neither: each request has one reply, read whole, and a seed of its own"),
}
LEFT_OUT = frozenset({"temperature", "seed", "n", "stream"})  # of these, what may be left out


class OpenAIEngineSettings(CommonEngineSettings):
    """Any server with an OpenAI-compatible API: vLLM serve, the llama.cpp server, Ollama, hosted ones."""

    kind: Literal["openai"]
    base_url: str = Field(description="up to and including the version, such as http://localhost:8000/v1")
    model: str = Field(description="the model's id at that server")
    key_variable: str | None = Field(
        None, pattern=VARIABLE_FORM, description="the environment variable that holds the key"
    )
    api: Literal["chat", "completions"] = Field(
        "chat", description="completions for base models: prompts of role text are sent as they are"
    )
    dialect: Literal["openai", "vllm", "llama.cpp", "ollama"] = Field(
        "openai",
        description="what the server takes beyond OpenAI's API: min_p (vllm, llama.cpp), choices, the beginning of the reply",
    )
    concurrency: Size = Field(64, description="requests under way at a time")
    requests_per_minute: Rate | None = Field(None, description="the server's limit, which is kept to")
    tokens_per_minute: Rate | None = Field(None, description="the same, of prompts and replies together")
    timeout_seconds: PositiveFloat = Field(120.0, description="for one attempt, from sending to the last byte")
    retries: Annotated[int, Field(ge=0, le=100)] = Field(6, description="further attempts after one that failed")
    max_context: Tokens | None = Field(None, description="tokens of prompt and reply the model takes, where known")
    lead_prefixes: bool = Field(True, description="let one of the requests that share a beginning go ahead")
    extra_body: dict[str, Any] = Field({}, description="further parameters of every request, as the server calls them")
    omit: tuple[str, ...] = Field((), description="parameters never sent, such as seed")

    @model_validator(mode="after")
    def _changes_no_meaning(self) -> Self:
        for name in sorted({*self.extra_body, *self.omit} & NOT_FREE.keys()):
            if name in self.extra_body or name not in LEFT_OUT:
                given = "extra_body" if name in self.extra_body else "omit"
                raise ValueError(f"{given}: {name!r} is set by simcons; expected {NOT_FREE[name]}")
        if both := sorted({*self.extra_body} & {*self.omit}):
            raise ValueError(f"{both[0]!r} is in extra_body and in omit; expected one of them")
        return self

    @property
    def continues(self) -> bool:
        return self.dialect in ("vllm", "llama.cpp")


class RewardEngineSettings(CommonEngineSettings):
    """A reward model in this process: what scorers of kind reward ask. It writes nothing."""

    kind: Literal["reward"]
    checkpoint: str = Field(description="the folder of a trained reward model")
    dtype: Literal["auto", "bfloat16", "float32"] = Field(
        "auto",
        description="auto: float32 for a cross-encoder; for a causal model the faster on this processor, measured",
    )
    device: str = Field("auto", description="auto, cpu, cuda, cuda:1, ...")
    batch_size: Size = Field(64, description="opinions, each with all candidates, scored at a time")
    share_prefixes: bool = Field(True, description="read what candidates have before them once, with a causal model")

    @property
    def writes(self) -> bool:
        return False

    @property
    def scores(self) -> bool:
        return True

    @property
    def loads_model(self) -> bool:
        return True


class ScriptedEngineSettings(CommonEngineSettings):
    """No model: replies made of the prompt's own words, answers drawn by the request's seed. For rehearsals and tests."""

    kind: Literal["scripted"]
    batch_size: Size | None = Field(None, description="requests answered at a time; by default all")

    @property
    def scores(self) -> bool:
        return True


EngineSettings: TypeAlias = Annotated[
    TransformersEngineSettings
    | VllmEngineSettings
    | OpenAIEngineSettings
    | RewardEngineSettings
    | ScriptedEngineSettings,
    Field(discriminator="kind"),
]

# Settings of an engine that no reply depends on.
SPEED_SETTINGS = frozenset(
    {
        *("batch_size", "device", "share_prefixes", "tensor_parallel", "gpu_memory"),
        *("key_variable", "concurrency", "requests_per_minute", "tokens_per_minute", "timeout_seconds", "retries"),
        *("lead_prefixes", "price_per_million"),
    }
)


class BudgetSettings(StrictModel):
    """A run's budget for language models, all its resumptions together. It stops before it would go beyond.

    Replies from the store cost nothing. `max_price` is in the currency of the engines' `price_per_million`.
    """

    max_calls: PositiveInt | None = Field(None, description="requests sent to an engine")
    max_tokens: PositiveInt | None = Field(None, description="of prompts and replies together")
    max_price: PositiveFloat | None = Field(None, description="of all calls")
