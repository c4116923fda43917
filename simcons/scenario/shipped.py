"""The data that is installed with the package: scenarios, question banks, populations, prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from simcons.errors import ScenarioError

_PACKAGE = Path(__file__).resolve().parent.parent
PACKAGED_MODEL_NAMES = frozenset({"smollm2-135m-instruct"})  # packages of their own; `engines.local.models` finds them


def data_folder(kind: str) -> Path:
    """A folder of data (scenarios, personas, training, benchmarks): inside an installed package, beside it in a checkout."""
    installed = _PACKAGE / "data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where one kind of shipped file lies, and what its files are called there.

    folders: whether a path to a folder is passed on to whoever reads it, who takes it or says what it is.
    renamed: today's names of files that had others.
    """

    noun: str
    kind: str
    inside: str = ""
    suffix: str = ".yaml"
    folders: bool = True
    renamed: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return data_folder(self.kind) / self.inside

    def holds(self, name: str) -> bool:
        return Path(name).name == name and (self.folder / f"{name}{self.suffix}").exists()

    def names(self) -> str:
        """All there are, in a line."""
        files = self.folder.glob(f"*{self.suffix}")
        names = sorted(file.name.removesuffix(self.suffix) for file in files if file.name[0] != ".")
        return ", ".join(names) or "none"


_WERE_STRESS = ("careless", "hostile", "one_sided", "polarised", "small_groups")
STUDIES = Shelf("scenario", "scenarios", "studies", renamed={f"stress_{name}": name for name in _WERE_STRESS})
WORLDS = Shelf("stress test", "scenarios", "worlds")
OTHER_WORLDS = Shelf("set of other worlds", "scenarios", "other_worlds", folders=False)
MAPPINGS = Shelf("mapping", "scenarios", "mappings")
BANKS = Shelf("question bank", "scenarios", "questions", "")
POPULATIONS = Shelf("population", "personas")
LABELLED_TEXTS = Shelf("set of labelled texts", "benchmarks", "reader")
ADAPTERS = Shelf("adapter", "personas", "adapters", "")
PROMPTS = Shelf("prompt", "personas", "prompts", ".md.j2", folders=False)  # a folder may be called as a prompt is
RECIPES = Shelf("recipe", "training")


def find(reference: str, shelf: Shelf) -> Path:
    """The file that ``reference`` names: a shipped one by its name, or else a path (``./core`` for one of a shipped name).

    Raises ScenarioError with the names there are.
    """
    if shelf.holds(reference):
        return shelf.folder / f"{reference}{shelf.suffix}"
    path = Path(reference).expanduser()
    if path.exists() and (shelf.folders or not path.is_dir()):
        return path
    if reference in shelf.renamed:
        raise ScenarioError(f"{shelf.noun} {reference!r}: is now {shelf.renamed[reference]!r}")
    state = "is a folder" if path.exists() else "no such file"
    raise ScenarioError(f"{shelf.noun} {reference!r}: {state}, and not a shipped one (shipped: {shelf.names()})")


def find_scenario(reference: str) -> Path:
    return find(reference, STUDIES)


def find_world(reference: str) -> Path:
    return find(reference, WORLDS)


def shipped_worlds() -> list[Path]:
    return sorted(WORLDS.folder.glob("*.yaml"))


def find_other_worlds(reference: str) -> Path:
    return find(reference, OTHER_WORLDS)


def find_population(reference: str) -> Path:
    return find(reference, POPULATIONS)


def find_bank(reference: str) -> Path:
    return find(reference, BANKS)


def find_labelled_texts(reference: str) -> Path:
    return find(reference, LABELLED_TEXTS)


def find_reader_weights(reference: str | None) -> Path:
    """The file of a trained reader: the shipped one, or at a path."""
    return data_folder("training") / "reader" / "weights.safetensors" if reference is None else Path(reference)


def find_adapter(reference: str) -> Path:
    """The folder of a shipped adapter by its name, or of a user's own by its path, be there one or not."""
    return ADAPTERS.folder / reference if ADAPTERS.holds(reference) else Path(reference).expanduser()


def find_prompt(reference: str) -> Path:
    return find(reference, PROMPTS)
