"""The site: the README, these pages and the measurements, with links as they are in the repository.

Built by `make docs` into build/site, without a network; every warning is an error. The source folder is the repository, so
that a relative link that works there works on the site.
"""

from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent

project = "simcons"
author = "the simcons authors"
release = metadata.version("simcons")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
root_doc = "README"
include_patterns = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs/**.md",
    "benchmarks/results/*.md",
    "training/**.md",
]
exclude_patterns = [".*", "build", "dist", "runs", "simcons", "scenarios", "personas", "tests", "docs/navigation.md"]
nitpicky = True
nitpick_ignore_regex = [  # other projects, not at hand, aliases, and settings, which are on the pages of input files
    (
        "py:.*",
        r"(np|npt|pd|numpy|pandas|pathlib|pyarrow|duckdb|collections|types)\..*|NoneType|FieldInfo|ArrayLike|Floats|Neutral",
    ),
    ("py:.*", r"simcons\.(scenario|questions|population|languages|analysis\.scorer_accuracy)\..*|TypeAliasForwardRef"),
]

PAGES_BELOW = {
    "docs/decisions/README": "*",
    "docs/measured": "../benchmarks/results/*",
    "docs/readers": "../training/reader/README\n../training/LOG",
}

default_role = "code"
autodoc_type_aliases = {"npt.ArrayLike": "ArrayLike"}
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100

myst_heading_anchors = 4
suppress_warnings = ["myst.header"]  # results of benchmarks begin where they like

smartquotes = False  # options begin with two hyphens

html_theme = "furo"
html_title = "simcons"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"source_view_link": "", "source_edit_link": ""}
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_only_copy_prompt_lines = True
copybutton_line_continuation_character = "\\"
pygments_style = "friendly"
pygments_dark_style = "github-dark"


def with_navigation(app: Sphinx, page: str, source: list[str]) -> None:
    """What the site needs to find its way is added here, as it would stand as code in the pages where they are read as files."""
    if page == root_doc:
        source[0] += "\n" + (HERE / "navigation.md").read_text(encoding="utf-8")
    if page in PAGES_BELOW:
        source[0] += f"\n```{{toctree}}\n:hidden:\n:glob:\n\n{PAGES_BELOW[page]}\n```\n"


def write_index(app: Sphinx, error: Exception | None) -> None:
    """The folder opens at its start page."""
    if error is None:
        page = f'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={root_doc}.html">'
        (Path(app.outdir) / "index.html").write_text(
            page + f'<a href="{root_doc}.html">simcons</a>\n', encoding="utf-8"
        )


def setup(app: Sphinx) -> None:
    app.connect("source-read", with_navigation)
    app.connect("build-finished", write_index)
