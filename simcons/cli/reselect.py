"""``simcons reselect``: every rule on the recorded candidates of a finished run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from simcons.analysis.findings import write_findings
from simcons.analysis.reselect.maps import map_label, parse_map
from simcons.analysis.reselect.pools import MissingScores
from simcons.analysis.reselect.reselection import Reselection, ReselectionSettings, reselect
from simcons.errors import InputError
from simcons.report.reselection import reselection_sentences
from simcons.scenario.welfare import DEFAULT_JUDGES, DEFAULT_RULES, RuleSpec
from simcons.storage.check import check_tables
from simcons.storage.load import Run, load
from simcons.storage.results import make_result_folder, write_manifest, write_table
from simcons.welfare.rules import label, parse_rule

RESELECTION = "reselection"


def read_settings(
    *,
    alphas: Sequence[str],
    rules: Sequence[str],
    maps: Sequence[str],
    scorers: Sequence[str],
    judges: Sequence[str],
    missing: MissingScores,
    seed: int,
) -> ReselectionSettings:
    """The settings asked for on the command line, with defaults for the others. Raises InputError."""
    specs: list[RuleSpec] = [*map(_alpha, _split(alphas)), *map(parse_rule, _split(rules))]
    named = {map_label(chosen): chosen for chosen in map(parse_map, maps or ["likert"])}
    return ReselectionSettings(
        rules=tuple(specs) or DEFAULT_RULES,
        maps=tuple(named.values()),
        scorers=tuple(dict.fromkeys(_split(scorers))),
        judges=tuple(dict.fromkeys(map(_alpha, _split(judges)))) or DEFAULT_JUDGES,
        missing=missing,
        seed=seed,
    )


def reselect_run(folder: Path, settings: ReselectionSettings, *, out: Path | None) -> Reselection:
    """Choose again from the candidates of the run in ``folder``; with ``out`` write the results there."""
    run = load(folder)
    check_tables(run)
    if out is not None:
        make_result_folder(out)
    result = reselect(run, settings)
    if out is not None:
        _write(out, run, settings, result)
    return result


def _split(given: Iterable[str]) -> list[str]:
    """Options may be repeated, and may hold several values with commas between them."""
    return [value.strip() for text in given for value in text.split(",")]


def _alpha(text: str) -> float:
    spec = parse_rule(text)
    if isinstance(spec, str):
        raise InputError(
            f"alpha {text!r}: expected a number of at least 0, or inf; rules of other kinds go with --rule"
        )
    return spec


# --- files -----------------------------------------------------------------------------------------------------------


def _write(out: Path, run: Run, settings: ReselectionSettings, result: Reselection) -> None:
    """The table of choices, the findings, and last the manifest. Raises StorageError."""
    table = pa.Table.from_pandas(result.choices, preserve_index=False).replace_schema_metadata()
    write_table(out, RESELECTION, table)
    write_findings(out, result.findings)
    _write_page(out, settings, result)
    write_manifest(out, "reselect", _manifest(run, settings, result))


def _write_page(out: Path, settings: ReselectionSettings, result: Reselection) -> None:
    """Figures and the page. What the terminal says in sentences comes after them."""
    from simcons.report.page import Section  # here, as charts take longer to load than choosing takes
    from simcons.report.reselection_tables import reselection_tables
    from simcons.report.tables import plain
    from simcons.report.write import About, write_report

    scorer_of = {account.sweep: account.scorer for account in result.accounts}

    def about(sweep: str) -> About:
        name = f"by scores of the {scorer_of[sweep.removesuffix('-omitted')]}"
        if sweep in scorer_of:
            return About(name, label="utility map")
        return About(f"{name}, by opinions left out", f"Under the map {result.maps[0]}.", "opinions left out")

    asked = [
        ("rules", ", ".join(map(label, settings.specs))),
        ("maps", ", ".join(result.maps)),
        ("missing", settings.missing),
    ]
    scorers = [("scorers", ", ".join(account.scorer for account in result.accounts)), ("seed", str(settings.seed))]
    write_report(
        out,
        result.findings,
        title=f"Every rule on the candidates of {result.name}",
        settings=[*asked, *scorers],
        about={sweep: about(sweep) for sweep in {finding.sweep for finding in result.findings}},
        unit="groups",
        extra=[
            Section(
                f"Chosen by scores of the {account.scorer}",
                reselection_sentences(result, account),
                [
                    plain(table, f"{account.sweep}-{number}")
                    for number, table in enumerate(reselection_tables(result, account), start=1)
                ],
            )
            for account in result.accounts
        ],
    )


def _manifest(run: Run, settings: ReselectionSettings, result: Reselection) -> dict[str, Any]:
    return {
        "run": {
            "folder": run.folder.name,
            "name": result.name,
            "seed": run.manifest.get("seed"),
            "git_commit": run.manifest.get("git_commit"),
        },
        "settings": {
            "rules": [label(spec) for spec in settings.specs],
            "maps": list(result.maps),
            "scorers": [account.scorer for account in result.accounts],
            "judges": [label(judge) for judge in settings.judges],
            "missing": settings.missing,
            "seed": settings.seed,
        },
        "rows": {RESELECTION: len(result.choices), "findings": len(result.findings)},
    }
