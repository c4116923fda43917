"""Sweeps whose runs share a toy model, and a thread that answers for engines as a process of their own would."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from multiprocessing.connection import Listener
from pathlib import Path
from threading import Thread

from rewarding import save_base

from simcons.engines.base import Engine
from simcons.engines.load import load_engine
from simcons.engines.shared.messages import Address
from simcons.engines.shared.server import serve
from simcons.scenario.engines import EngineSettings
from simcons.scenario.sweep import StudySweepSettings

CHAT = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
SMALL = {
    "design.groups": 2,
    "design.group_sizes": [3],
    "design.rounds": 1,
    "questions.count": 3,
    "participants.mind.opinion_sampling.max_tokens": 24,
    "readers": {"reader": {"matching": "words"}},
    "engines.writer.dtype": "float32",
    "engines.writer.device": "cpu",
}


def save_chatting(folder: Path) -> Path:
    """A language model of hidden size 16 that writes bytes at random."""
    save_base(folder, "causal", n_positions=4096)
    (folder / "chat_template.jinja").write_text(CHAT, encoding="utf-8")
    return folder


def sharing_sweep(model: Path, *seeds: int, **base: object) -> StudySweepSettings:
    """A run a seed, in which ``model`` writes the opinions."""
    given = {
        "kind": "sweep",
        "name": "shared",
        "scenario": "llm_writer",
        "base": {**SMALL, "engines.writer.model": str(model), **base},
        "vary": {"kind": "grid", "values": {"seed": list(seeds)}},
    }
    return StudySweepSettings.model_validate(given)


def served(load: Callable[[str, EngineSettings], Engine] = load_engine) -> Address:
    """Where it answers, until the program ends."""
    key = secrets.token_bytes(8)
    listener = Listener(("127.0.0.1", 0), authkey=key)
    Thread(target=serve, args=(listener,), kwargs={"load": load}, daemon=True).start()
    host, port = listener.address
    return Address(host, port, key)
