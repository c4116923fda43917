"""The file of a trained reader: arrays by name, and what they were learnt from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from simcons.arrays import AnyFloats
from simcons.errors import ModelNotFound
from simcons.questions.bank import Claim, Question

VERSION = "2"
_FORMAT = "simcons trained reader"
_BODY = "network."


def claim_key(claim: Claim) -> str:
    """A key that tells a claim from others, whatever its id: a digest of its first wording and denial."""
    return _digest(f"{claim.point}\n{claim.denials[0]}")


def position_key(question: Question) -> str:
    return _digest(question.position)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """network: by the names of its parts; heads: small arrays that weigh what it says and what the rules hear.

    claims, positions: keys of those that it was trained on, in the order of their rows.
    """

    network: Mapping[str, AnyFloats]
    heads: Mapping[str, AnyFloats]
    claims: Sequence[str]
    positions: Sequence[str]

    def save(self, path: Path) -> None:
        arrays = {f"{_BODY}{name}": values for name, values in self.network.items()} | dict(self.heads)
        known = {"claims": json.dumps(list(self.claims)), "positions": json.dumps(list(self.positions))}
        save_file(arrays, path, metadata={"format": _FORMAT, "version": VERSION, **known})


def refused(path: Path, fault: object) -> ModelNotFound:
    """The error that tells, in one line, why the file of a trained reader cannot be used."""
    return ModelNotFound(f"trained reader {str(path)!r}: {fault}; train one with: make reader")


def load_weights(path: Path) -> ReaderWeights:
    """Raises ModelNotFound, in one line, for a file that is missing, is no trained reader or is of another version."""
    if not path.is_file():
        raise refused(path, "no such file")
    try:
        with safe_open(path, framework="numpy") as file:
            about = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    except (SafetensorError, OSError) as error:
        raise refused(path, f"is no safetensors file ({error})") from error
    if about.get("format") != _FORMAT:
        raise refused(path, "is a safetensors file, but not of a trained reader")
    if about.get("version") != VERSION:
        raise refused(path, f"is of version {about.get('version')}; expected {VERSION}")
    body = {name.removeprefix(_BODY): values for name, values in arrays.items() if name.startswith(_BODY)}
    heads = {name: values for name, values in arrays.items() if not name.startswith(_BODY)}
    return ReaderWeights(body, heads, _keys(path, about, "claims"), _keys(path, about, "positions"))


def _keys(path: Path, about: Mapping[str, str], name: str) -> list[str]:
    try:
        return [str(key) for key in json.loads(about[name])]
    except (KeyError, ValueError, TypeError) as error:
        raise refused(path, f"does not say which {name} it was trained on") from error
