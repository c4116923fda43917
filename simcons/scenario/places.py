"""Where in a document an error lies, followed through the model that the document should fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel

Keys: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """keys: as the document has them. parent, wanted: what is expected around and at them, or None for a key that is unknown."""

    keys: Keys
    parent: Any
    wanted: Any


def place(model: Any, location: Sequence[str | int]) -> Place:
    """Follow an error's location, which names members of unions and validators besides keys."""
    keys: Keys = ()
    parent, annotation = None, without_optional(model)
    for key in location:
        members = [without_optional(member) for member in members_of(annotation)]
        chosen = next((member for member in members if _is_label(key, member)), None)
        if len(members) > 1 and chosen is not None:
            annotation = chosen
            continue
        children = [(member, child) for member in members if (child := child_of(member, key)) is not None]
        if children:
            parent, annotation = children[0][0], without_optional(children[0][1])
        elif is_label(key):
            continue
        else:
            parent, annotation = annotation, None
        keys = (*keys, key)
    return Place(keys, parent, annotation)


def without_optional(annotation: Any) -> Any:
    """An annotation without what stands around it: Annotated, and the None of what may be left out."""
    if get_origin(annotation) is Annotated:
        return without_optional(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        return without_optional(members[0]) if len(members) == 1 else Union[tuple(members)]  # noqa: UP007 - made at run time
    return annotation


def members_of(annotation: Any) -> tuple[Any, ...]:
    """Of a union; a single one else."""
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def kinds(annotation: Any) -> list[str]:
    """The kinds in which a part comes, where it comes in kinds."""
    return [kind for member in members_of(annotation) for kind in _kind(without_optional(member))]


def child_of(annotation: Any, key: str | int) -> Any:
    """The annotation of a key or index; None where there is no such key."""
    if is_model(annotation):
        known = annotation.model_fields.get(key)
        return None if known is None else known.annotation
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (list, Sequence) and isinstance(key, int):
        return inner[0]
    if origin is tuple and isinstance(key, int):
        return inner[0] if inner[-1] is Ellipsis else inner[key] if key < len(inner) else None
    return inner[1] if origin in (dict, Mapping) and inner else None


def is_label(key: str | int) -> bool:
    """True if a part of a location can only be a validator's name for a member, such as ``constrained-int``."""
    return isinstance(key, str) and ("[" in key or key in _CORE_NAMES)


def _is_label(key: str | int, member: Any) -> bool:
    return key in _kind(member) or (is_model(member) and key == member.__name__)


def _kind(member: Any) -> list[str]:
    if is_model(member) and "kind" in member.model_fields:
        annotation = member.model_fields["kind"].annotation
        return [str(kind) for kind in get_args(annotation) if get_origin(annotation) is Literal]
    return []


_CORE_NAMES = frozenset(
    {"int", "float", "str", "bool", "none", "constrained-str", "constrained-int", "constrained-float", "literal"}
)
