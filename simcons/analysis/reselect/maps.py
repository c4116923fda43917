"""Utility maps as a user names them: ``likert``, ``exp:1``, ``sigmoid:1,4``, ``affine:1,0``, ``raw``."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from simcons.errors import InputError
from simcons.scenario.files import NO_PLACES
from simcons.scenario.problems import in_line, problems
from simcons.scenario.welfare import UtilityMapSettings

_SETTINGS: dict[str, tuple[str, ...]] = {
    "likert": (),
    "exp": ("temperature",),
    "sigmoid": ("temperature", "shift"),
    "affine": ("scale", "shift"),
    "raw": (),
}
_MAPS: TypeAdapter[UtilityMapSettings] = TypeAdapter(UtilityMapSettings)


def parse_map(text: str) -> UtilityMapSettings:
    """A map by its kind and settings, the last of which may be left out. Raises InputError."""
    kind, _, rest = text.strip().partition(":")
    settings = _SETTINGS.get(kind)
    given = rest.split(",") if rest else []
    if settings is None or len(given) > len(settings):
        known = ", ".join(":".join([name, ",".join(keys).upper()]).rstrip(":") for name, keys in _SETTINGS.items())
        raise InputError(f"map {text!r}: expected one of {known}")
    document: dict[str, Any] = {"kind": kind}
    for name, number in zip(settings, given, strict=False):
        document[name] = _number(text, name, number)
    try:
        return _MAPS.validate_python(document)
    except ValidationError as error:
        faults = problems(UtilityMapSettings, error.errors(include_url=False))
        raise InputError(f"map {text!r}: {in_line(faults[0], NO_PLACES)}") from None


def _number(text: str, name: str, number: str) -> float:
    try:
        return float(number)
    except ValueError:
        raise InputError(f"map {text!r}: {name} {number!r}: expected a number") from None


def map_label(chosen: UtilityMapSettings) -> str:
    """The name that `parse_map` reads, with every setting."""
    settings = [f"{getattr(chosen, key):g}" for key in _SETTINGS[chosen.kind]]
    return f"{chosen.kind}:{','.join(settings)}" if settings else chosen.kind
