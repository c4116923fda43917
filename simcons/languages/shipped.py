"""The languages that come with the package, by their codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.languages.language import Language

LANGUAGES: Mapping[str, Language] = {language.code: language for language in (EN_GB,)}


def find_language(code: str, own: Sequence[Language] = ()) -> Language:
    """The language with this code, among a user's ``own`` first. Raises ScenarioError for one that is not there."""
    known = {**LANGUAGES, **{language.code: language for language in own}}
    if code not in known:
        raise ScenarioError(f"language: unknown {code!r}; expected among {', '.join(sorted(known))}")
    return known[code]
