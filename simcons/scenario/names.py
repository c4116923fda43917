"""Names that users give, in any script, fit for folders and tables; and the forms of other texts: code, addresses, variables."""

from __future__ import annotations

import unicodedata
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

_MOST_BYTES = 200  # a file system takes 255, and folders add to a name
_MARKS = "-_."

CODE_FORM = r"^[^:\s].*:[^\W\d]\w*$"
ADDRESS_FORM = r"^https?://[^\s/]+"
VARIABLE_FORM = r"^[A-Za-z_][A-Za-z0-9_]*$"
FORMS = {  # as messages call them
    CODE_FORM: "file.py:name or package.module:name",
    ADDRESS_FORM: "an address that begins with http:// or https://",
    VARIABLE_FORM: "the name of an environment variable: letters, digits and _",
}


def checked_name(given: str) -> str:
    """``given`` in composed form (NFC). Raises ValueError where it is no name."""
    name = unicodedata.normalize("NFC", given)
    odd = next((character for character in name if not (_is_word(character) or character in _MARKS)), None)
    if odd is not None:
        shown = f"{odd!r}" if odd.isprintable() else f"U+{ord(odd):04X}"
        raise ValueError(f"name {given!r}: holds {shown}; expected letters and digits of any script, '-', '_' and '.'")
    if not name or not name[0].isalnum():
        raise ValueError(f"name {given!r}: expected a letter or digit at its beginning")
    if len(name.encode()) > _MOST_BYTES:
        raise ValueError(
            f"name {given[:20]!r}...: is {len(name.encode()):,} bytes long; expected at most {_MOST_BYTES}"
        )
    return name


def _is_word(character: str) -> bool:
    """A letter, a mark that combines with one, or a decimal digit."""
    category = unicodedata.category(character)
    return category[0] in "LM" or category == "Nd"


Name: TypeAlias = Annotated[str, AfterValidator(checked_name)]
