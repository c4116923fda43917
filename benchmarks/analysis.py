"""Time of a whole analysis of a study, and of its larger parts against the plain way in the same process.

The plain ways: win rates by pandas, with 10,000 resamples of groups in a loop for each pair of arms (here 200, and their
time times 50); differences by least squares of statsmodels with errors clustered by group; alpha by the krippendorff package
with a group left out at a time; variance by statsmodels' mixed model, of 12 groups, once and without intervals.

Every analysis must find something in the study: an empty one takes no time, and would be no measurement.

Run:  python benchmarks/analysis.py [--groups N]      Writes benchmarks/results/analysis.md
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import krippendorff
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from analysed import DESIGN, SCENARIO, study
from machine import machine

from simcons.analysis.analyse import ANALYSES, analyse
from simcons.analysis.rated import Rated
from simcons.storage.load import Run

RESULTS = Path(__file__).parent / "results" / "analysis.md"
RESAMPLES, TIMED = 10_000, 200
NOTE = (
    "win_rates, the plain way: timed with 200 resamples, times 50. variance_shares, the plain way: of 12 groups alone, without"
    " intervals."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=60, help="groups of the study; 60 as the scenario has it")
    groups = parser.parse_args().groups
    with tempfile.TemporaryDirectory() as folder:
        text = report(study(groups, Path(folder) / "run"), groups)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


def report(run: Run, groups: int) -> str:
    once = analyse(run)  # what is loaded once is not counted
    if empty := [name for name, result in once.results.items() if not result.rows]:
        raise SystemExit(f"{', '.join(empty)}: found nothing in the study, and so cannot be timed")
    whole = seconds(lambda: analyse(run))
    rated = Rated.of_run(run)
    ours = {name: seconds(lambda name=name: ANALYSES[name](run, rated)) for name in ANALYSES}
    plain = {
        "win_rates": seconds(lambda: bootstrapped(run)) * RESAMPLES / TIMED,
        "arm_differences": seconds(lambda: regressed(run)),
        "reliability": seconds(lambda: alpha_by_package(run)),
        "variance_shares": seconds(lambda: mixed(run)),
    }
    settings = ", ".join(f"{key}: {value}" for key, value in DESIGN.items())
    lines = [
        f"# Analysis of {SCENARIO} with {groups} groups",
        "",
        f"{machine('pandas', 'statsmodels', 'duckdb')}. Processor seconds (user and system) of one process.",
        f"{len(run.ratings):,} ratings and {len(run.rankings):,} ranks ({settings}). The whole: {whole:.2f} s.",
        "",
        "| analysis | seconds | plain way | times as long |",
        "|---|---|---|---|",
    ]
    for name, took in ours.items():
        of = plain.get(name)
        lines.append(f"| {name} | {took:.2f} |" + (f" {of:.2f} | {of / took:.1f} |" if of else " | |"))
    return "\n".join([*lines, "", NOTE]) + "\n"


def seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


# --- the plain ways --------------------------------------------------------------------------------------------------


def of_mediators(run: Run) -> pd.DataFrame:
    rows = run.ratings_by_arm
    return rows[rows["arm"].notna()].dropna(subset=["agreement"])


def by_round(run: Run) -> pd.DataFrame:
    """Mean agreement with each arm's statements, [rounds, arms], and the round's group."""
    rows = of_mediators(run).query("omitted == 0")
    statements = rows.groupby(["session_id", "round_id", "arm", "candidate_id"])["agreement"].mean()
    return statements.groupby(["session_id", "round_id", "arm"]).mean().unstack("arm").reset_index("session_id")


def bootstrapped(run: Run) -> None:
    scores, rng = by_round(run), np.random.default_rng(0)
    groups = dict(list(scores.groupby("session_id")))
    names = list(groups)
    for first, second in combinations(scores.columns.drop("session_id"), 2):
        rates = []
        for _ in range(TIMED):
            drawn = pd.concat([groups[name] for name in rng.choice(names, len(names))])
            lead = drawn[first] - drawn[second]
            rates.append(((lead > 0) + (lead == 0) / 2).mean())
        np.percentile(rates, [2.5, 97.5])


def regressed(run: Run) -> None:
    scores = by_round(run)
    for first, second in combinations(scores.columns.drop("session_id"), 2):
        lead = scores.assign(lead=scores[first] - scores[second]).dropna(subset=["lead"])
        group = lead["session_id"].factorize()[0]
        smf.ols("lead ~ 1", lead).fit(cov_type="cluster", cov_kwds={"groups": group})


def alpha_by_package(run: Run) -> None:
    ratings = run.ratings.merge(run.rounds[["round_id", "session_id"]], on="round_id")
    pairs = ratings.pivot_table(
        index=["session_id", "candidate_id", "participant_id"], columns="pass_index", values="agreement"
    )
    group = pairs.index.get_level_values("session_id")
    for left_out in ("", *group.unique()):
        krippendorff.alpha(pairs[group != left_out].to_numpy().T, level_of_measurement="ordinal")


def mixed(run: Run) -> None:
    means = (
        of_mediators(run).groupby(["session_id", "participant_id", "candidate_id"])["agreement"].mean().reset_index()
    )
    parts = {"person": "0 + C(participant_id)", "item": "0 + C(candidate_id)"}
    first = means[means["session_id"].isin(means["session_id"].unique()[:12])]  # more do not fit its patience
    smf.mixedlm("agreement ~ 1", first, groups="session_id", vc_formula=parts).fit()


if __name__ == "__main__":
    main()
