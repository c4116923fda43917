"""Wrong options and commands, in one line: the option parser's errors in plain words."""

from __future__ import annotations

import re
from typing import Any

_WORDS = (
    (r"^Invalid value for '([^']+)'(?: / '[^']+')*: ", r"\1: "),
    (r"Value error, ", ""),
    (r"Input should be greater than or equal to (\S+)", r"expected at least \1"),
    (r"Input should be less than or equal to (\S+)", r"expected at most \1"),
    (r"Input should be a valid integer.*", "expected a whole number"),
    (r"is not a valid int(?:eger)?\b", "is not a whole number"),
    (r"(\S+) is not in the range x>=(\S+?)\.?$", r"\1: expected at least \2"),
    (r"(\S+) is not in the range (\S+)<=x<=(\S+?)\.?$", r"\1: expected \2 to \3"),
    (r"('.*') is not one of (.*?)\.?$", r"value \1: expected one of \2"),
    (r"^No such option: (\S+)", r"there is no option \1"),
    (r"^No such command ('.*?')\.?", r"there is no command \1"),
    (r" \(Possible options?: (.*)\)", r"; did you mean \1?"),
    (r" ?\(?Did you mean (?:one of: )?(.*?)\?\)?$", r"; did you mean \1?"),
    (r"^Missing argument '([^']+)'\.?", r"\1 is missing"),
    (r"^Missing option '([^']+)'.*", r"\1 is missing"),
    (r"^Option '([^']+)' requires an argument\.?", r"\1: expected a value after it"),
    (r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)", r"too many arguments: \1"),
)


def is_usage_error(error: BaseException) -> bool:
    """True if the option parser raised it; by name, as Ctrl-C may come before the parser is loaded."""
    return any(kind.__name__ == "UsageError" for kind in type(error).__mro__)


def usage_line(error: Any) -> str | None:
    """The fault in one line, with the way to get help; None where help has been printed already."""
    message = str(error.format_message())
    if not message:
        return None
    for pattern, words in _WORDS:
        message = re.sub(pattern, words, message, flags=re.DOTALL)
    given = _given(error)
    if given is not None and "value " not in message:
        message = re.sub(r": expected", f": value {given!r}: expected", message, count=1)
    command = " ".join(["simcons", *_commands(error.ctx)])
    separator = " (" if message.endswith("?") else "; "
    return f"{message}{separator}{command} --help lists what there is{')' if separator == ' (' else ''}"


def _commands(context: Any) -> list[str]:
    """The command that was given, and the groups that it is in, from the outermost."""
    if context is None or context.parent is None:
        return []
    return [*_commands(context.parent), str(context.info_name)]


def _given(error: Any) -> object:
    """The value that was refused, where the parser still knows it."""
    cause = error.__cause__ or error.__context__
    if not hasattr(cause, "errors"):
        return None
    errors = cause.errors()
    return errors[0].get("input") if errors else None
