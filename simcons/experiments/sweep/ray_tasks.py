"""Tasks on a Ray cluster: plain Ray tasks, a core each. Models are held by a process on each node; or by tasks, a node each."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from simcons.engines.shared.messages import Address
from simcons.experiments.sweep.engines import NodeEngines, models_of
from simcons.experiments.sweep.executor import Attempt
from simcons.experiments.sweep.folder import SWEEP
from simcons.experiments.sweep.tasks import Task, attempt
from simcons.scenario.study import Scenario
from simcons.storage.provenance import versions
from simcons.storage.start import is_at_work

_WAIT = 1.0  # seconds, before one looks again at the nodes that there are
_AHEAD = 8  # tasks given to Ray beyond twice the cores: none idles, and a cluster that grows by itself sees the need
_LETS_GO = 150.0  # seconds after which a file server has let go of what a node held that went away


class RayTasks:
    """Carries out tasks below ``folder``, which every node of the cluster shares.

    working: the folder that names of files in scenarios are relative to. jobs: at most so many at a time; none for as many as the
    cluster has cores. shared: models are held by an actor on each node. keeper: the actor that is told of tasks that begin.
    """

    def __init__(self, folder: Path, working: Path, *, jobs: int | None, shared: bool, keeper: Any) -> None:
        self._folder = folder
        self._working = working
        self._jobs = jobs
        self._shared = shared
        self._keeper = keeper
        self._run = ray.remote(max_retries=0)(_on_node)  # whether it is tried again is for the loop to say
        self._under_way: dict[Any, Task] = {}
        self._placed: dict[Any, str] = {}  # nodes of attempts that ask models
        self._engines: dict[str, Any] = {}  # of each node on which any are shared

    @property
    def is_idle(self) -> bool:
        return not self._under_way

    def has_room(self, task: Task) -> bool:
        if self._jobs is not None and len(self._under_way) >= self._jobs:
            return False
        if task.scenario.loads_models:
            return self._node_for(task) is not None
        cores: float = ray.cluster_resources().get("CPU", 0)
        return len(self._under_way) < 2 * cores + _AHEAD

    def start(self, task: Task) -> None:
        node = self._node_for(task) if task.scenario.loads_models else None
        needs = {"num_cpus": 1} if node is None else self._needs(node)
        engines = self._engines_of(node) if node is not None and self._shared else None
        reference = self._run.options(**needs).remote(
            task, str(self._folder), str(self._working), versions()["simcons"], self._keeper, engines
        )
        self._under_way[reference] = task
        if node is not None:
            self._placed[reference] = node["NodeID"]

    def ended(self) -> Iterator[Attempt]:
        for reference in ray.wait(list(self._under_way), num_returns=1, timeout=_WAIT)[0]:
            self._placed.pop(reference, None)
            yield _over(self._under_way.pop(reference), reference)

    def _node_for(self, task: Task) -> dict[str, Any] | None:
        """The least busy node whose models are those of the task, or not in use; where the cluster has GPUs, one with some."""
        there = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) > 0]
        with_gpus = [node for node in there if node["Resources"].get("GPU", 0) > 0]
        fit = [node for node in with_gpus or there if self._takes(node, task)]
        return min(fit, key=lambda node: len(self._on(node)), default=None)

    def _takes(self, node: dict[str, Any], task: Task) -> bool:
        there = self._on(node)
        if not there:
            return True
        alike = {models_of(other.scenario) for other in there} == {models_of(task.scenario)}
        return self._shared and alike and len(there) < node["Resources"]["CPU"]

    def _on(self, node: dict[str, Any]) -> list[Task]:
        """Tasks that ask models on a node."""
        return [self._under_way[reference] for reference, name in self._placed.items() if name == node["NodeID"]]

    def _needs(self, node: dict[str, Any]) -> dict[str, Any]:
        """A core of the node; all cores and GPUs for a task that loads its own models."""
        cores = 1 if self._shared else node["Resources"]["CPU"]
        return {"num_cpus": cores, "num_gpus": 0 if self._shared else _gpus(node), **_there(node)}

    def _engines_of(self, node: dict[str, Any]) -> Any:
        """The actor that holds the models of a node, and its GPUs. It ends with the keeper, which has made it."""
        name = node["NodeID"]
        if name not in self._engines:
            made = ray.remote(_EnginesOfNode).options(num_cpus=0, num_gpus=_gpus(node), max_restarts=-1, **_there(node))
            self._engines[name] = made.remote(str(self._working), int(node["Resources"]["CPU"]))
        return self._engines[name]


def _gpus(node: dict[str, Any]) -> float:
    return float(node["Resources"].get("GPU", 0))


def _there(node: dict[str, Any]) -> dict[str, Any]:
    """The option that has a task or an actor on a node."""
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return {"scheduling_strategy": NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)}


class _EnginesOfNode:
    """`NodeEngines` as an actor, for all cores of a node."""

    def __init__(self, working: str, cores: int) -> None:
        os.environ["OMP_NUM_THREADS"] = str(cores)  # of torch; Ray gives an actor one
        self._engines = NodeEngines(Path(working))

    def address(self, scenario: Scenario) -> Address:
        return self._engines.address(scenario)


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
        return Attempt(task, _last_line(error))


def _last_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()[-1:]), type(error).__name__)


def _on_node(task: Task, folder: str, working: str, version: str, keeper: Any, engines: Any) -> str:
    """An attempt on a node of the cluster, in a process of its own. engines: the actor that holds its models; None for none."""
    here = Path(folder)
    node = ray.util.get_node_ip_address()
    keeper.began.remote(task.number, node)
    if versions()["simcons"] != version:
        return f"node {node}: has simcons {versions()['simcons']}; expected {version}, as where the sweep was started"
    if not (here / SWEEP).exists() or not Path(working).is_dir():
        return f"node {node}: does not see {here} and {working}; expected folders that all nodes share"
    os.chdir(working)
    _wait_for_predecessor(here / task.name)
    if engines is None:
        return attempt(task, here / task.name)
    try:
        shared: Address = ray.get(engines.address.remote(task.scenario))
    except ray.exceptions.RayError as error:
        return f"node {node}: the process that holds the models ended: {_last_line(error)}"
    return attempt(task, here / task.name, shared)


def _wait_for_predecessor(folder: Path) -> None:
    """An attempt that was given up as lost may be on its last steps."""
    until = time.monotonic() + _LETS_GO
    while is_at_work(folder) and time.monotonic() < until:
        time.sleep(1)
