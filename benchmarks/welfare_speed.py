"""Speed, error and memory of welfare functions and of the stress test.

1. Utilities weighed a second (candidates x people x alphas), as a ratio to a plain NumPy power mean of the same array in the same
   process: `np.mean(u ** (1 - a), axis=-1) ** (1 / (1 - a))`, with a = 0, 1 and inf in their usual forms.
2. The largest error against mpmath, in units of eps (1 + |ln(W / ref)|), by domain and alpha.
3. Rounds a second of one stress condition with all rules, and peak memory of a million rounds.
4. Wall time of the shipped suite on two processes.

Run:  python benchmarks/welfare_speed.py [--quick]      Writes benchmarks/results/welfare.md
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import mpmath
import numpy as np
import numpy.typing as npt
from machine import machine

RESULTS = Path(__file__).parent / "results" / "welfare.md"
INF = float("inf")
ALPHAS = {
    "0, .5, 1, 2, inf": [0, 0.5, 1, 2, INF],
    "2, 3, 5, 9": [2, 3, 5, 9],
    ".25, .5, .75, 1.5, 2, 3, 5, 9": [0.25, 0.5, 0.75, 1.5, 2, 3, 5, 9],
    "13 from .9 to 1.1": np.linspace(0.9, 1.1, 13).tolist(),
}
SHAPES = [(20_000, 16, 5), (4_000, 16, 25), (300, 1024, 5)]
Array = npt.NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: to see that it works")
    parser.add_argument("--child", choices=["million", "suite"], help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=1_000_000, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(one_condition(arguments.rounds) if arguments.child == "million" else suite(arguments.rounds)))
        return
    shapes = [(200, 16, 5)] if arguments.quick else SHAPES
    speeds = [(shape, name, *speed(shape, alphas)) for shape in shapes for name, alphas in ALPHAS.items()]
    errors = [(name, *error(draw, 40 if arguments.quick else 400)) for name, draw in DOMAINS.items()]
    million = in_child("million", 5_000 if arguments.quick else 1_000_000)
    whole = in_child("suite", 100 if arguments.quick else 0)
    text = report(speeds, errors, million, whole)
    print(text)
    if not arguments.quick:
        RESULTS.write_text(text, encoding="utf-8")


# --- speed ---------------------------------------------------------------------------------------------------------


def plain(u: Array, alpha: float) -> Array:
    """What one writes without thinking twice."""
    if alpha == 1:
        return np.asarray(np.exp(np.log(u).mean(axis=-1)))
    if alpha == INF:
        return np.asarray(u.min(axis=-1))
    return np.asarray(np.mean(u ** (1 - alpha), axis=-1) ** (1 / (1 - alpha)) if alpha else u.mean(axis=-1))


def speed(shape: tuple[int, ...], alphas: list[float]) -> tuple[float, float]:
    """Nanoseconds an utility and alpha: simcons, and the plain power mean. The best of nine, taken in turn."""
    from simcons.welfare import isoelastic

    u = np.random.default_rng(0).uniform(1, 7, shape)
    ours, theirs = [], []
    for _ in range(9):
        ours.append(seconds(lambda: isoelastic(u, alphas)))
        theirs.append(seconds(lambda: [plain(u, alpha) for alpha in alphas]))
    each = 1e9 / (u.size * len(alphas))
    return min(ours) * each, min(theirs) * each


def seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


# --- error ---------------------------------------------------------------------------------------------------------

DOMAINS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "Likert, 1 to 7 in whole points": lambda rng, n: rng.integers(1, 8, n).astype(float),
    "expected Likert, [1, 7]": lambda rng, n: rng.uniform(1, 7, n),
    "sigmoid of scores in [-8, 8]": lambda rng, n: np.asarray(1 / (1 + np.exp(-rng.uniform(-8, 8, n)))),
    "exp of scores in [-20, 20]": lambda rng, n: np.asarray(np.exp(rng.uniform(-20, 20, n))),
}
TESTED = [0.1, 0.5, 0.9, 1 - 1e-9, 1 - 1e-5, 1, 1 + 1e-12, 1 + 1e-5, 1.2, 1.5, 2, 3, 5, 10, 100, 1000]


def error(draw: Callable[[np.random.Generator, int], Array], n: int) -> tuple[float, float, float, float]:
    """The largest error in the units above of simcons and of the plain form, each with its alpha; groups of 2 to 25."""
    from simcons.welfare import isoelastic

    rng, worst = np.random.default_rng(1), {"ours": (0.0, 0.0), "plain": (0.0, 0.0)}
    for _ in range(n):
        u = draw(rng, int(rng.integers(2, 26)))
        for alpha in TESTED:
            with np.errstate(all="ignore"):
                found = {"ours": float(isoelastic(u, alpha)), "plain": float(plain(u, alpha))}
            for name, value in found.items():
                off = units(u, alpha, value)
                worst[name] = max(worst[name], (off, alpha))
    return (*worst["ours"], *worst["plain"])


def units(u: Array, alpha: float, value: float) -> float:
    if not np.isfinite(value):
        return INF
    with mpmath.workdps(60 if alpha < 50 else 700):
        p, logs = 1 - mpmath.mpf(alpha), [mpmath.log(x) for x in u.tolist()]
        mean = (
            mpmath.fsum(logs) / len(u)
            if p == 0
            else mpmath.log(mpmath.fsum(mpmath.exp(p * x) for x in logs) / len(u)) / p
        )
        reference = mpmath.log(float(u.min() if alpha > 1 else u.max()))
        return float(abs(value / mpmath.exp(mean) - 1) / (np.finfo(float).eps * (1 + abs(mean - reference))))


# --- the stress test -----------------------------------------------------------------------------------------------


def in_child(what: str, rounds: int) -> dict[str, float]:
    """In a process of its own, so that peak memory is that of this work alone."""
    command = [sys.executable, __file__, "--child", what, "--rounds", str(rounds)]
    return dict(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def one_condition(rounds: int) -> dict[str, float]:
    from simcons.experiments.stress import conditions, run_condition
    from simcons.scenario.worlds import StressSettings

    vary = {"key": "world.people.polarisation", "values": [2]}
    stress = StressSettings.model_validate({"kind": "stress", "name": "million", "rounds": rounds, "vary": vary})
    took = seconds(lambda: run_condition(conditions(stress)[0]))
    return {"rounds": rounds, "seconds": took, "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def suite(rounds: int) -> dict[str, float]:
    """All shipped stress tests on two processes, without the report; ``rounds`` 0 for their own numbers."""
    from simcons.experiments.stress import conditions, run_stress
    from simcons.scenario.files import parse, read_yaml
    from simcons.scenario.shipped import shipped_worlds
    from simcons.scenario.worlds import StressSettings

    documents = [read_yaml(path) for path in shipped_worlds()]
    stresses = [parse(StressSettings, d, source=d["name"]) for d in documents if d["kind"] == "stress"]
    stresses = [s.model_copy(update={"rounds": rounds}) if rounds else s for s in stresses]
    total = sum(condition.stress.rounds for stress in stresses for condition in conditions(stress))
    return {
        "conditions": sum(len(conditions(s)) for s in stresses),
        "rounds": total,
        "seconds": seconds(lambda: run_stress(stresses, jobs=2)),
    }


def report(
    speeds: list[tuple[tuple[int, ...], str, float, float]],
    errors: list[tuple[str, float, float, float, float]],
    million: dict[str, float],
    whole: dict[str, float],
) -> str:
    lines = ["# Welfare functions", "", machine("numpy", "scipy"), "", "`python benchmarks/welfare_speed.py`", ""]
    lines += ["## Speed", "", "Expected Likert utilities; the best of nine turns each, in one process on one core.", ""]
    lines += [
        "| rounds x candidates x people | alphas | million utilities x alphas/s | plain power mean | ratio |",
        "|---|---|---:|---:|---:|",
    ]
    for shape, name, ours, theirs in speeds:
        size = " x ".join(f"{n:,}" for n in shape)
        lines.append(f"| {size} | {name} | {1000 / ours:,.0f} | {1000 / theirs:,.0f} | {theirs / ours:.2f} |")
    lines += [
        "",
        "## Error",
        "",
        "The largest over random groups of 2 to 25, in units of eps (1 + |ln(W / ref)|); 4 is what is promised.",
        "",
    ]
    lines += ["| utilities | simcons | at alpha | plain power mean | at alpha |", "|---|---:|---:|---:|---:|"]
    lines += [f"| {name} | {ours:.1f} | {at!r} | {bad:,.0f} | {there!r} |" for name, ours, at, bad, there in errors]
    lines += ["", "## The stress test", ""]
    lines.append(
        f"One condition, nine rules, 16 candidates, five people: {million['rounds']:,} rounds in {million['seconds']:.1f} s"
        f" ({million['rounds'] / million['seconds']:,.0f} a second on one core), {million['peak_mib']:,.0f} MiB at its peak."
    )
    lines.append("")
    lines.append(
        f"The shipped suite on two processes: {whole['conditions']} conditions, {whole['rounds']:,} rounds,"
        f" {whole['seconds']:.0f} s without power and report."
    )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
