"""The languages that come with the package, by their codes."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.errors import ScenarioError
from simcons.languages.en_gb import EN_GB
from simcons.languages.language import Language

LANGUAGES: Mapping[str, Language] = {language.code: language for language in (EN_GB,)}


def find_language(code: str, languages: Mapping[str, Language] = LANGUAGES) -> Language:
    """Raises ScenarioError for one that is not there."""
    if code not in languages:
        raise ScenarioError(f"language: unknown {code!r}; expected among {', '.join(sorted(languages))}")
    return languages[code]
