"""A finished run as a pilot: how long its models' replies were, how long they took, and how far its arms were apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from simcons.engines.calls.store import open_read_only
from simcons.engines.pipelines.client import ACT
from simcons.engines.rehearsal import Asked
from simcons.engines.usage import Usage
from simcons.errors import RunFolderError
from simcons.experiments.forecast.leads import Leads
from simcons.mediator.own import pipelines_of
from simcons.scenario.study import Scenario
from simcons.storage.layout import CALLS
from simcons.storage.load import Run, load


@dataclass(frozen=True, slots=True)
class Pilot:
    """A pilot run. usage: of its calls, by act and engine, those answered from the store left out; n_rounds: that were complete.

    own: the part of ``usage`` that comes of pipelines of the user's own: calls of them, and what they asked.
    """

    folder: Path
    leads: Leads
    usage: Mapping[Asked, Usage]
    own: Mapping[Asked, Usage]
    n_rounds: int


def load_pilot(folder: Path, scenario: Scenario) -> Pilot:
    """Raises RunFolderError for a folder that is no finished run, and for a run of other arms than the scenario's."""
    run = load(folder)
    arms = [arm.arm for arm in scenario.mediators]
    pilots = [str(arm.get("arm")) for arm in run.manifest.get("scenario", {}).get("mediators", [])]
    if pilots != arms:
        raise RunFolderError(
            f"pilot {folder}: has the arms {', '.join(pilots)}; expected those planned: {', '.join(arms)}"
        )
    usage, pipelines = _usage(run), pipelines_of(scenario)
    own = {asked: used for asked, used in usage.items() if asked[0] == ACT or asked[1] in pipelines}
    return Pilot(folder, Leads.of(run), usage, own, int(run.sessions["n_rounds"].sum()))


def _usage(run: Run) -> dict[Asked, Usage]:
    if not (run.folder / CALLS).exists():
        return {}
    with open_read_only(run.folder / CALLS) as store:
        accounts = [account for account in store.accounts() if account.usage.n_calls]
    return {(account.act, account.engine): account.usage for account in accounts}
