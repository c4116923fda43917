"""Minds named on a command line, put in the place of the people of an imported study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from simcons.analysis.belief.baselines import rated_opinions
from simcons.analysis.belief.minds import Judged, Judgements
from simcons.engines.base import Engine
from simcons.engines.load import load_engines
from simcons.engines.local.adapters import MANIFEST
from simcons.engines.local.learnt import Learnt, learnt_in
from simcons.errors import InputError, ModelNotFound
from simcons.experiments.belief.hearing import Heard, hear, verdicts
from simcons.experiments.belief.minds import fitted, latent, played
from simcons.json_files import read_object
from simcons.languages.language import Language
from simcons.questions.reading import Reader
from simcons.scale import SCALES
from simcons.scenario.engines import EngineSettings, RewardEngineSettings, TransformersEngineSettings
from simcons.scenario.shipped import PACKAGED_MODEL_NAMES
from simcons.storage.load import Run

if TYPE_CHECKING:
    import pandas as pd

LATENT = "latent"
_NOBODY = Learnt(questions=(), opinions=())


@dataclass(frozen=True, slots=True)
class _Trial:
    """What minds are tried on."""

    rows: pd.DataFrame
    heard: Sequence[Heard | None]
    language: Language
    scale: str


_Mind: TypeAlias = Callable[[_Trial], Judged]


def judge(run: Run, minds: Sequence[str], reader: Reader, language: Language, *, scale: str) -> Judgements:
    """What each of ``minds`` makes of every statement that somebody rated on the scale, from that person's opinion alone.

    minds: as `check_minds` takes them. reader: what hears opinions and statements. Raises ModelNotFound, MissingPackage,
    EngineError.
    """
    rows = rated_opinions(run, scale)
    heard = hear(rows, reader, language)
    own, said = verdicts(heard)
    trial = _Trial(rows, heard, language, scale)
    return Judgements({name: _mind(name)(trial) for name in minds}, own, said)


def check_minds(minds: Sequence[str], *, scale: str) -> None:
    """``latent``, a packaged language model, or folders that `simcons train reward` or `simcons train persona` made.

    Raises InputError for a mind that there is not, one that is named twice, and a scale that minds do not judge on; ModelNotFound
    and ScenarioError for a folder that is none of these.
    """
    for name in minds:
        if minds.count(name) > 1:
            raise InputError(f"--mind {name!r}: is given twice; expected each once")
        _mind(name)
    if minds and scale not in SCALES:
        raise InputError(f"--scale {scale!r}: minds do not judge on it; expected one of {', '.join(SCALES)}")


def _mind(name: str) -> _Mind:
    if name == LATENT:
        return lambda trial: latent(trial.heard, trial.scale)
    if name in PACKAGED_MODEL_NAMES:
        return _played(TransformersEngineSettings(kind="transformers", model=name), _NOBODY)
    folder = Path(name).expanduser()
    if not folder.is_dir():
        known = ", ".join([LATENT, *sorted(PACKAGED_MODEL_NAMES)])
        raise InputError(f"--mind {name!r}: no such folder; expected one of a trained model, or {known}")
    return _trained(folder)


def _trained(folder: Path) -> _Mind:
    path = folder / MANIFEST
    manifest = read_object(path, ModelNotFound, "the manifest of a reward model or a persona")
    if manifest.get("kind") != "reward" and manifest.get("role") != "persona":
        raise InputError(f"--mind {folder}: is no reward model and no persona; expected one of them")
    if (learnt := learnt_in(manifest, path)) is None:
        raise InputError(
            f"--mind {folder}: does not say whose opinions it learnt from; expected it to be trained again"
        )
    if manifest["kind"] == "reward":
        scores = RewardEngineSettings(kind="reward", checkpoint=str(folder))
        return lambda trial: fitted(_loaded(scores), learnt, trial.rows)
    model = {"adapter": str(folder), "model": manifest["base"]} if manifest["adapter"] else {"model": str(folder)}
    return _played(TransformersEngineSettings(kind="transformers", **model), learnt)


def _loaded(settings: EngineSettings) -> Engine:
    return load_engines({"mind": settings}, {"mind"})["mind"]


def _played(settings: TransformersEngineSettings, learnt: Learnt) -> _Mind:
    return lambda trial: played(_loaded(settings), learnt, trial.rows, trial.language, trial.scale)
