"""The data that is installed with the package: scenarios, question banks, populations, prompts."""

from __future__ import annotations

from pathlib import Path

from simcons.errors import ScenarioError

_PACKAGE = Path(__file__).resolve().parent.parent


def data_folder(kind: str) -> Path:
    """The folder ``scenarios`` or ``personas``: inside an installed package, beside it in a checkout."""
    installed = _PACKAGE / "data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


def find(reference: str, folder: Path, *, what: str, suffix: str = ".yaml") -> Path:
    """The file that ``reference`` names: a path as it is, or the name of one shipped in ``folder``.

    Raises ScenarioError with the names there are.
    """
    path = Path(reference).expanduser()
    if path.exists():
        return path
    shipped = folder / f"{reference}{suffix}"
    if Path(reference).name == reference and shipped.exists():
        return shipped
    names = ", ".join(
        sorted(file.name.removesuffix(suffix) for file in folder.glob(f"*{suffix or ''}") if file.name[0] != ".")
    )
    raise ScenarioError(f"{what} {reference!r}: no such file, and not a shipped one (shipped: {names or 'none'})")


def find_scenario(reference: str) -> Path:
    return find(reference, data_folder("scenarios"), what="scenario")


def find_stress(reference: str) -> Path:
    return find(reference, data_folder("scenarios") / "stress", what="stress test")


def shipped_stress_tests() -> list[Path]:
    return sorted((data_folder("scenarios") / "stress").glob("*.yaml"))


def find_population(reference: str) -> Path:
    return find(reference, data_folder("personas"), what="population")


def find_bank(reference: str) -> Path:
    return find(reference, data_folder("scenarios") / "questions", what="question bank", suffix="")


def find_prompt(reference: str) -> Path:
    return find(reference, data_folder("personas") / "prompts", what="prompt", suffix=".md.j2")
