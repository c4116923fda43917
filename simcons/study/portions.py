"""A study cut into portions of a few sessions, each simulated by itself, with the records that they have in the whole.

After the lobby sessions have nothing to do with one another, and all that is drawn in one comes from streams of its own. So a
portion takes along the people that the lobby put into it, and those who left before, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simcons.engines.dispatch import Dispatch
from simcons.storage.packed import Packed, Packer
from simcons.study.broker import Broker
from simcons.study.plan import Plan
from simcons.study.recruitment import Launch
from simcons.study.run import LIVE_SESSIONS, Outcome, Study


@dataclass(frozen=True, slots=True)
class PortionEnd:
    """The records of a portion, in their order in the study, and what else its simulation came to."""

    records: Packed
    outcome: Outcome


def portions(launches: Iterable[Launch], n_sessions: int) -> Iterator[list[Launch]]:
    """Launches cut and put together anew, in order, into portions of ``n_sessions`` to twice as many; the last may have fewer."""
    portion: list[Launch] = []
    for launch in launches:
        for piece in _pieces(launch, n_sessions):
            portion.append(piece)
            if sum(len(launch.groups) for launch in portion) >= n_sessions:
                yield portion
                portion = []
    if portion:
        yield portion


def _pieces(launch: Launch, n_sessions: int) -> Iterator[Launch]:
    """A launch by runs of its groups; who came into no group goes with the first."""
    yield replace(launch, groups=launch.groups[:n_sessions])
    for first in range(n_sessions, len(launch.groups), n_sessions):
        groups = launch.groups[first : first + n_sessions]
        yield Launch(launch.number, groups, others=[], n_events=0)


def run_portion(plan: Plan, portion: Iterable[Launch]) -> PortionEnd:
    """Simulate the sessions of a portion, of a study that asks no language model and does not couple its sessions."""
    packer = Packer(plan.scenario.participants.scales)
    study = Study(plan, Broker(Dispatch({})), packer, launches=portion)
    outcome = study.simulate(study.own_clocks(), live=LIVE_SESSIONS)
    return PortionEnd(packer.packed(), outcome)
