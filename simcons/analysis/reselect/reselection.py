"""The choices that other rules would have made in a finished run, by its recorded scores and without a new call to a model.

Every candidate of every round was recorded with its scores, shown or not. So each rule, under each map from scores to utilities,
chooses again from each pool (see `reselect_slates`), and what was chosen is compared over the same pools. Where the folder has
its ``truth``, what people truly think of it is known too: utilities are then true agreement, kept to the 1-7 scale, of everybody
who was there for the slate, also of those without a weight in the choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from simcons.analysis.arms import recorded_arms
from simcons.analysis.findings import Finding, SweepPoint, adjusted
from simcons.analysis.reselect.check import ArmCheck, check_arms
from simcons.analysis.reselect.choices import Choices, Outcomes, choose_by_scores, outcomes
from simcons.analysis.reselect.findings import Selected, quality_findings, rule_findings
from simcons.analysis.reselect.maps import map_label
from simcons.analysis.reselect.pools import MissingScores, PoolReader, Pools, Scored
from simcons.analysis.scorer_accuracy import ScorerQuality, scorer_quality
from simcons.arrays import Bools, Floats, Ints
from simcons.counted import counted
from simcons.errors import InputError, RunFolderError
from simcons.rich_display import RichDisplay
from simcons.scenario.welfare import (
    DEFAULT_JUDGES,
    DEFAULT_RULES,
    UTILITARIAN,
    LikertMapSettings,
    RuleSpec,
    UtilityMapSettings,
    check_map,
)
from simcons.seeds import stream
from simcons.storage.load import Run
from simcons.welfare.rules import has_values, label

Arrays = TypeVar("Arrays", Choices, Outcomes)


@dataclass(frozen=True, slots=True)
class ReselectionSettings:
    """Settings of a re-selection.

    scorers: by default every one in the run that could be deployed. judges: alphas that regret is
    measured by. missing: see `PoolReader.scored`. seed: of the numbers that break ties. The utilitarian rule is always among the
    rules, as what others are compared with.
    """

    rules: tuple[RuleSpec, ...] = DEFAULT_RULES
    maps: tuple[UtilityMapSettings, ...] = (LikertMapSettings(),)
    scorers: tuple[str, ...] = ()
    judges: tuple[float, ...] = DEFAULT_JUDGES
    missing: MissingScores = "refuse"
    seed: int = 0

    @property
    def specs(self) -> tuple[RuleSpec, ...]:
        """All rules, the utilitarian one first."""
        return tuple(dict.fromkeys((UTILITARIAN, *self.rules)))


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule of the user's own that failed. n_pools: in which, under any map; first: how it did in the first of them."""

    rule: str
    n_pools: int
    first: str


@dataclass(frozen=True, slots=True)
class ScorerAccount:
    """The candidates of one scorer and the accuracy of its scores. Counts of people are by pool.

    failures: pools in which a rule failed are left out for all rules, and counted nowhere else.
    """

    scorer: str
    sweep: str  # of its findings
    sees_truth: bool
    n_pools: int
    n_rounds: int
    n_groups: int
    n_candidates: tuple[int, int]  # in the smallest and the largest pool
    omitted: tuple[int, ...]  # numbers of opinions left out on purpose
    n_weighed: int  # people who were scored
    n_unweighed: int  # who rated statements and were not scored: no opinion in time, or left out on purpose
    n_people_left_out: int  # with scores of a part of the candidates
    n_pools_left_out: int  # in which that was everybody
    n_with_truth: int  # pools
    n_with_minority: int  # pools with the truth of a smaller side of the position statement
    quality: ScorerQuality
    failures: tuple[RuleFailure, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Reselection(RichDisplay):
    """The result of a re-selection.

    choices: a row a pool, scorer, map and rule, with the candidate chosen, the value that the rule gives it (missing for those
    that give an order alone), how many different texts share the first place, the arms that picked it in the run
    (``picked_by``), whether none did (``differs_from_recorded``), and how a rule of the user's own failed, which then has
    chosen nothing (``failure``).
    """

    name: str
    has_truth: bool
    specs: tuple[RuleSpec, ...]
    maps: tuple[str, ...]
    judges: tuple[float, ...]
    told: tuple[str, ...]  # generators that know which words are an attack: their candidates are left out
    accounts: tuple[ScorerAccount, ...]
    checks: tuple[ArmCheck, ...]
    choices: pd.DataFrame
    findings: tuple[Finding, ...]

    def __repr__(self) -> str:
        sizes = counted(len(self.choices), "choice"), counted(len(self.findings), "finding")
        return f"Reselection({self.name!r}: {counted(len(self.specs), 'rule')}, {', '.join(sizes)})"


def reselect(run: Run, settings: ReselectionSettings | None = None) -> Reselection:
    """Choose again from all candidates of ``run`` under every rule, map and scorer.

    Raises InputError for a map and a rule that do not go together, a map that has no value for a score and a rule that fails in
    every pool, and RunFolderError for a run without scores, an unknown scorer and a missing score.
    """
    settings = settings or ReselectionSettings()
    _check_maps(settings)
    reader, mediators = PoolReader(run), recorded_arms(run)
    names = _scorers(reader, settings.scorers)
    told = tuple(arm.arm for arm in mediators if arm.generator.upper_bound)
    parts = [_result_of(reader, name, settings, told) for name in names]
    sweeps = [
        "reselect" if k == 0 and not reader.sees_truth(name) else f"reselect-{name}" for k, name in enumerate(names)
    ]
    everything = {name: reader.scored(name, missing=settings.missing) for name in names}
    return Reselection(
        name=str(run.manifest.get("name", run.folder.name)),
        has_truth=reader.has_truth,
        specs=settings.specs,
        maps=tuple(map_label(chosen) for chosen in settings.maps),
        judges=settings.judges,
        told=tuple(sorted(set(told) & set(reader.pools["generator"]))),
        accounts=tuple(_account(reader, result, sweep) for result, sweep in zip(parts, sweeps, strict=True)),
        checks=tuple(check_arms(reader, mediators, everything)),
        choices=pd.concat([_rows(reader, result, settings) for result in parts], ignore_index=True),
        findings=tuple(
            adjusted(
                [
                    finding
                    for result, sweep in zip(parts, sweeps, strict=True)
                    for finding in _findings(reader, result, settings, sweep)
                ]
            )
        ),
    )


# --- settings --------------------------------------------------------------------------------------------------------


def _check_maps(settings: ReselectionSettings) -> None:
    for chosen in settings.maps:
        for rule in settings.specs:
            try:
                check_map(chosen, rule)
            except ValueError as error:
                raise InputError(f"map {map_label(chosen)!r}: {error}") from None


def _scorers(reader: PoolReader, asked: Sequence[str]) -> tuple[str, ...]:
    """The scorers asked for, or all that could be deployed. Raises RunFolderError where there are none."""
    known, folder = reader.scorers(), reader.run.folder
    unknown = [name for name in asked if name not in known]
    if unknown and known:
        raise RunFolderError(f"{folder}: no scores by {unknown[0]!r}; expected one of {', '.join(known)}")
    chosen = tuple(dict.fromkeys(asked or (name for name in known if not reader.sees_truth(name))))
    if known and not chosen:
        raise RunFolderError(
            f"{folder}: the only scorer is {known[0]}, which sees the truth; expected --scorer {known[0]}"
        )
    if not chosen or unknown:
        names = ", ".join(sorted(set(reader.frame("SELECT DISTINCT arm FROM selections")["arm"]))) or "none"
        raise RunFolderError(
            f"{folder}: no candidate has a score (arms: {names}); expected a run with an arm that has a scorer"
        )
    return chosen


# --- one scorer ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ScorerResult:
    """One scorer, what was chosen by its scores under each map, and the part of it that is compared: where no rule failed."""

    scored: Scored
    chosen: tuple[Selected, ...]
    failures: tuple[RuleFailure, ...]
    selected: tuple[Selected, ...]
    group: Ints  # [pools] of selected, each pool's by number from 0
    quality: ScorerQuality
    told: tuple[str, ...]


def _result_of(reader: PoolReader, name: str, settings: ReselectionSettings, told: tuple[str, ...]) -> _ScorerResult:
    scored = reader.scored(name, missing=settings.missing, without=told)
    if not scored.blocks:
        raise RunFolderError(
            f"{reader.run.folder}: scorer {name!r}: in no set of candidates has anybody all scores; expected one such set"
        )
    chosen = tuple(_selected(reader, scored, utility_map, settings) for utility_map in settings.maps)
    failures = tuple(_failures(chosen, settings.specs))
    failed: Bools = np.any([each.choices.failure != "" for each in chosen], axis=(0, 1))
    if failed.all():
        raise InputError(f"scorer {name!r}: in no set of candidates did every rule choose; {failures[0].first}")
    selected = tuple(_among(each, np.logical_not(failed)) for each in chosen)
    quality = scorer_quality(name, scored.blocks, reader.group)
    return _ScorerResult(scored, chosen, failures, selected, _group(reader, selected[0].pool), quality, told)


def _failures(chosen: Sequence[Selected], specs: Sequence[RuleSpec]) -> Iterator[RuleFailure]:
    for spec, by_map in zip(specs, np.stack([each.choices.failure for each in chosen], axis=1), strict=True):
        said = [next(filter(None, pool), "") for pool in by_map.T]
        if any(said):
            yield RuleFailure(label(spec), len([*filter(None, said)]), next(filter(None, said)))


def _group(reader: PoolReader, pool: Ints) -> Ints:
    return np.asarray(pd.factorize(reader.pools["session_id"].to_numpy()[pool], sort=True)[0], dtype=np.int64)


def _selected(
    reader: PoolReader, scored: Scored, chosen: UtilityMapSettings, settings: ReselectionSettings
) -> Selected:
    blocks = [_from_block(reader, block, chosen, settings) for block in scored.blocks]
    choices, consequences = _joined([each for each, _ in blocks]), _joined([each for _, each in blocks])
    ratings = reader.candidates["rating"].to_numpy(dtype=np.float64, na_value=np.nan)
    return Selected(
        map_label(chosen), scored.pool, choices, consequences, ratings[reader.first[scored.pool] + choices.index]
    )


def _from_block(
    reader: PoolReader, block: Pools, chosen: UtilityMapSettings, settings: ReselectionSettings
) -> tuple[Choices, Outcomes]:
    priority = np.stack([_priority(row, settings.seed) for row in reader.pools.iloc[block.pool].itertuples()])
    try:
        choices = choose_by_scores(block, settings.specs, chosen, priority=priority)
    except ValueError as error:
        raise InputError(f"map {map_label(chosen)!r}: {error}") from None
    return choices, outcomes(block, choices.index, settings.judges)


def _priority(pool: Any, seed: int) -> Floats:
    """The numbers that break a pool's ties: the same for every rule, map and scorer."""
    return stream(seed, "reselect", pool.round_id, pool.generator, int(pool.omitted)).random(int(pool.n))


def _joined(parts: Sequence[Arrays]) -> Arrays:
    """Blocks of pools put together: pools are the last axis of all arrays."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(block, field.name) for block in parts], axis=-1) for field in fields(kind)))


# --- results ---------------------------------------------------------------------------------------------------------


def _account(reader: PoolReader, result: _ScorerResult, sweep: str) -> ScorerAccount:
    scored, pool, first = result.scored, result.selected[0].pool, result.selected[0].outcomes
    rows = reader.pools.iloc[pool]
    return ScorerAccount(
        scorer=scored.scorer,
        sweep=sweep,
        sees_truth=reader.sees_truth(scored.scorer),
        n_pools=len(pool),
        n_rounds=int(rows["round_id"].nunique()),
        n_groups=int(rows["session_id"].nunique()),
        n_candidates=(int(rows["n"].min()), int(rows["n"].max())),
        omitted=tuple(sorted({int(n) for n in rows["omitted"]})),
        n_weighed=sum(block.role.size for block in scored.blocks),
        n_unweighed=reader.n_unweighed(scored.scorer, without=result.told),
        n_people_left_out=scored.n_people_left_out,
        n_pools_left_out=scored.n_pools_left_out,
        n_with_truth=int((~np.isnan(first.mean[0])).sum()),
        n_with_minority=int((~np.isnan(first.minority[0])).sum()),
        quality=result.quality,
        failures=result.failures,
    )


def _rows(reader: PoolReader, result: _ScorerResult, settings: ReselectionSettings) -> pd.DataFrame:
    """A row a pool, map and rule, in this order."""
    pools, rows = reader.pools.iloc[result.scored.pool], reader.candidates
    order = np.argsort(result.scored.pool, kind="stable")
    tables = []
    for selected in result.chosen:
        for k, spec in enumerate(settings.specs):
            failure = selected.choices.failure[k]
            failed = failure != ""
            chosen = rows.iloc[reader.first[selected.pool] + selected.choices.index[k]]
            table = pools[["round_id", "session_id", "generator", "omitted"]].reset_index(drop=True)
            table = table.assign(
                scorer=result.scored.scorer,
                utility_map=selected.utility_map,
                rule=label(spec),
                candidate_id=chosen["candidate_id"].mask(failed).to_numpy(),
                value=np.where(failed, np.nan, selected.choices.value[k] if has_values(spec) else np.nan),
                n_tied=pd.array(selected.choices.n_tied[k]).astype("Int64"),
                picked_by=chosen["picked_by"].mask(failed).to_numpy(),
                differs_from_recorded=chosen["picked_by"].isna().astype("boolean").mask(failed).array,
                failure=pd.array(np.where(failed, failure, None), dtype="str"),
            )
            table.loc[failed, "n_tied"] = pd.NA
            tables.append(table.iloc[order])
    return pd.concat(tables, ignore_index=True)


def _findings(
    reader: PoolReader, result: _ScorerResult, settings: ReselectionSettings, sweep: str
) -> Iterator[Finding]:
    """By map over all pools, and where opinions were left out also by how many, under the first map."""
    first = result.selected[0]
    for k, selected in enumerate(result.selected):
        point = SweepPoint(sweep, "utility_map", selected.utility_map, float(k))
        yield from rule_findings(point, selected, settings.specs, settings.judges, result.group, first)
    yield from quality_findings(SweepPoint(sweep, "utility_map", first.utility_map, 0.0), result.quality)
    omitted = reader.pools["omitted"].to_numpy(dtype=np.int64)[first.pool]
    numbers = np.unique(omitted).tolist()
    for number in numbers if len(numbers) > 1 else ():
        some = _among(first, omitted == number)
        point = SweepPoint(f"{sweep}-omitted", "omitted", str(number), float(number))
        yield from rule_findings(point, some, settings.specs, settings.judges, _group(reader, some.pool), some)


def _among(selected: Selected, pools: Bools) -> Selected:
    def kept(arrays: Arrays) -> Arrays:
        return type(arrays)(*(getattr(arrays, field.name)[..., pools] for field in fields(arrays)))

    return Selected(
        utility_map=selected.utility_map,
        pool=selected.pool[pools],
        choices=kept(selected.choices),
        outcomes=kept(selected.outcomes),
        rating=selected.rating[:, pools],
    )
