"""Questions to a server about itself: its models, the length of their context, the tokens of a prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simcons.engines.base import Reply, Request, too_long
from simcons.engines.openai.dialects import chat_of, reply_tokens
from simcons.engines.openai.errors import Again, Exchange, down, key_refused, unknown_model
from simcons.engines.openai.learnt import Learnt
from simcons.engines.openai.wire import Wire
from simcons.scenario.engines import OpenAIEngineSettings

TEMPLATE_TOKENS = 64  # that a chat template may add to the text of four turns
LISTS_ITS_MODELS = frozenset({"vllm", "ollama"})  # hosts have aliases and deployments too; llama.cpp takes any name


class Server:
    """Knows the server's ``context`` in tokens, as far as it or the scenario tells. ``note`` takes remarks for the user."""

    def __init__(self, wire: Wire, settings: OpenAIEngineSettings, learnt: Learnt, note: Callable[[str], None]) -> None:
        self.context = settings.max_context
        self._wire = wire
        self._settings = settings
        self._learnt = learnt
        self._note = note

    async def check(self) -> None:
        """Raises EngineError where the server is down, refuses the key, or is known to lack the model."""
        exchange = await self._wire.exchange("GET", "/models")
        if isinstance(exchange, Again):
            raise down(self._wire.endpoint, exchange, attempts=1)
        if exchange.status in (401, 403):
            raise key_refused(self._wire.endpoint, exchange.status, exchange.content)
        models = _listed(exchange)
        if models is not None:
            self._find_model(models)
        if self._settings.dialect == "llama.cpp":
            self._learn_context(
                ((await self._asked("/props")) or {}).get("default_generation_settings", {}).get("n_ctx")
            )

    async def offered(self) -> list[str] | None:
        """The models it has; None where it does not tell."""
        exchange = await self._wire.exchange("GET", "/models")
        models = None if isinstance(exchange, Again) else _listed(exchange)
        return None if models is None else list(models)

    async def check_length(self, request: Request) -> Reply | None:
        """The reply to a prompt that cannot fit beside its reply. Raises ContextTooLong where none could.

        Prompts that are not short beyond doubt are counted by the server, where the dialect has a call for that; else only
        those are refused that would not fit at six bytes a token.
        """
        if self.context is None:
            return None
        size, n_reply = request.n_bytes, reply_tokens(request, self._settings)
        room = self.context - n_reply
        if size // 2 + TEMPLATE_TOKENS * (1 + len(request.messages) // 4) <= room:
            return None
        counted = await self._count(request)
        n_prompt = size // 6 if counted is None else counted
        return too_long(request.engine, n_prompt, n_reply, self.context) if n_prompt > room else None

    def _find_model(self, models: dict[str, dict[str, Any]]) -> None:
        name = self._settings.model
        model = models.get(name) or models.get(f"{name}:latest")
        if model is not None:
            self._learn_context(model.get("max_model_len"))
        elif self._settings.dialect in LISTS_ITS_MODELS:
            raise unknown_model(self._wire.endpoint, list(models), "not listed")
        elif self._settings.dialect == "openai":
            self._note(f"{self._wire.endpoint.url} does not list model {name!r}")

    def _learn_context(self, context: object) -> None:
        if isinstance(context, int) and context > 0:
            self.context = min(context, self.context or context)

    async def _count(self, request: Request) -> int | None:
        """Tokens of the prompt as the server counts them; None where it does not."""
        bare = request.messages[0].content if request.messages[0].role == "text" else None
        if self._settings.dialect == "vllm":
            prompt = {"prompt": bare} if bare is not None else chat_of(request, self._settings, self._learnt)
            counted = (await self._asked("/tokenize", {"model": self._settings.model, **prompt})) or {}
            return counted.get("count")
        if self._settings.dialect == "llama.cpp":
            return await self._count_in_two_steps(request, bare)
        return None

    async def _count_in_two_steps(self, request: Request, bare: str | None) -> int | None:
        if bare is None:
            bare = ((await self._asked("/apply-template", chat_of(request, self._settings, self._learnt))) or {}).get(
                "prompt"
            )
        if bare is None:
            return None
        tokens = ((await self._asked("/tokenize", {"content": bare, "add_special": True})) or {}).get("tokens")
        return len(tokens) if isinstance(tokens, list) else None

    async def _asked(self, path: str, body: object = None) -> dict[str, Any] | None:
        """The server's answer to a question outside OpenAI's API; None where it gives none."""
        exchange = await self._wire.exchange("GET" if body is None else "POST", path, body, beside_api=True)
        answer = None if isinstance(exchange, Again) or exchange.status != 200 else exchange.json()
        return answer if isinstance(answer, dict) else None


def _listed(exchange: Exchange) -> dict[str, dict[str, Any]] | None:
    """Models by their id, from either form of list; None for anything else."""
    answer = exchange.json() if exchange.status == 200 else None
    models = answer.get("data") if isinstance(answer, dict) else answer
    if not isinstance(models, list):
        return None
    return {str(model.get("id")): model for model in models if isinstance(model, dict)}
