"""Objects that notebooks show as more than their ``repr``.

What is shown is made by `simcons.report.notebook`, of numbers worked out by layers above most of the objects. It is therefore
looked up by name, and loaded when something is shown for the first time.
"""

from __future__ import annotations

from importlib import import_module


class RichDisplay:
    """Shown as HTML by Jupyter and whatever else asks for ``_repr_html_``; `simcons.report.notebook.html_of` knows the type."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        html: str = import_module("simcons.report.notebook").html_of(self)
        return html
