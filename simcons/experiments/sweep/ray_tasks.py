"""Tasks on a Ray cluster: plain Ray tasks, a core each; those that load models of their own take a node each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from simcons.experiments.sweep.executor import Attempt
from simcons.experiments.sweep.folder import SWEEP
from simcons.experiments.sweep.tasks import Task, attempt
from simcons.storage.provenance import versions
from simcons.storage.start import is_at_work

_WAIT = 1.0  # seconds, before one looks again at the nodes that there are
_AHEAD = 8  # tasks given to Ray beyond twice the cores: none idles, and a cluster that grows by itself sees the need
_LETS_GO = 150.0  # seconds after which a file server has let go of what a node held that went away


class RayTasks:
    """Carries out tasks below ``folder``, which every node of the cluster shares.

    working: the folder that names of files in scenarios are relative to. jobs: at most so many at a time; none for as many as the
    cluster has cores. keeper: the actor that is told of tasks that begin.
    """

    def __init__(self, folder: Path, working: Path, *, jobs: int | None, keeper: Any) -> None:
        self._folder = folder
        self._working = working
        self._jobs = jobs
        self._keeper = keeper
        self._run = ray.remote(max_retries=0)(_on_node)  # whether it is tried again is for the loop to say
        self._under_way: dict[Any, Task] = {}
        self._nodes: dict[Any, str] = {}  # taken whole, by the attempt that has it

    @property
    def is_idle(self) -> bool:
        return not self._under_way

    def has_room(self, task: Task) -> bool:
        if self._jobs is not None and len(self._under_way) >= self._jobs:
            return False
        if task.scenario.loads_models:
            return self._free_node() is not None
        cores: float = ray.cluster_resources().get("CPU", 0)
        return len(self._under_way) < 2 * cores + _AHEAD

    def start(self, task: Task) -> None:
        node = self._free_node() if task.scenario.loads_models else None
        needs = {"num_cpus": 1} if node is None else _whole(node)
        reference = self._run.options(**needs).remote(
            task, str(self._folder), str(self._working), versions()["simcons"], self._keeper
        )
        self._under_way[reference] = task
        if node is not None:
            self._nodes[reference] = node["NodeID"]

    def ended(self) -> Iterator[Attempt]:
        for reference in ray.wait(list(self._under_way), num_returns=1, timeout=_WAIT)[0]:
            self._nodes.pop(reference, None)
            yield _over(self._under_way.pop(reference), reference)

    def _free_node(self) -> dict[str, Any] | None:
        """A node that no task has for itself; where the cluster has GPUs, one with some."""
        there = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) > 0]
        with_gpus = [node for node in there if node["Resources"].get("GPU", 0) > 0]
        taken = set(self._nodes.values())
        return next((node for node in with_gpus or there if node["NodeID"] not in taken), None)


def _whole(node: dict[str, Any]) -> dict[str, Any]:
    """The needs of a task that takes all of a node's cores and GPUs."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return {
        "num_cpus": node["Resources"]["CPU"],
        "num_gpus": node["Resources"].get("GPU", 0),
        "scheduling_strategy": NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
    }


def _over(task: Task, reference: Any) -> Attempt:
    try:
        return Attempt(task, ray.get(reference))
    except (ray.exceptions.NodeDiedError, ray.exceptions.TaskUnschedulableError):
        return Attempt(task, "its node went away", is_lost=True)
    except ray.exceptions.OutOfMemoryError:
        return Attempt(task, "its process was killed as its node had no memory left; use fewer --jobs")
    except ray.exceptions.WorkerCrashedError:
        return Attempt(task, "its process was killed, or its node went away")
    except ray.exceptions.RayError as error:
        return Attempt(task, next(iter(str(error).strip().splitlines()[-1:]), type(error).__name__))


def _on_node(task: Task, folder: str, working: str, version: str, keeper: Any) -> str:
    """An attempt on a node of the cluster, in a process of its own."""
    here = Path(folder)
    node = ray.util.get_node_ip_address()
    keeper.began.remote(task.number, node)
    if versions()["simcons"] != version:
        return f"node {node}: has simcons {versions()['simcons']}; expected {version}, as where the sweep was started"
    if not (here / SWEEP).exists() or not Path(working).is_dir():
        return f"node {node}: does not see {here} and {working}; expected folders that all nodes share"
    os.chdir(working)
    _wait_for_predecessor(here / task.name)
    return attempt(task, here / task.name)


def _wait_for_predecessor(folder: Path) -> None:
    """An attempt that was given up as lost may be on its last steps."""
    until = time.monotonic() + _LETS_GO
    while is_at_work(folder) and time.monotonic() < until:
        time.sleep(1)
