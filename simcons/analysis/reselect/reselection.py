"""What other rules would have chosen from a finished run's candidates, by its recorded scores and without a new call to a model.

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
from simcons.analysis.findings import Finding, Place, adjusted
from simcons.analysis.reselect.check import ArmCheck, check_arms
from simcons.analysis.reselect.choices import Choices, Outcomes, choose, outcomes
from simcons.analysis.reselect.findings import Selected, quality_findings, rule_findings
from simcons.analysis.reselect.maps import map_label
from simcons.analysis.reselect.pools import ORACLE, Missing, Reading, Scored, Slates
from simcons.analysis.scorer_accuracy import ScorerQuality, scorer_quality
from simcons.arrays import Bools, Floats, Ints
from simcons.errors import InputError, RunFolderError
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
    """What is asked.

    scorers: by default every one in the run that could be deployed; ``oracle`` sees the truth. judges: alphas that regret is
    measured by. missing: see `Reading.scored`. seed: of the numbers that break ties. The utilitarian rule is always among the
    rules, as what others are compared with.
    """

    rules: tuple[RuleSpec, ...] = DEFAULT_RULES
    maps: tuple[UtilityMapSettings, ...] = (LikertMapSettings(),)
    scorers: tuple[str, ...] = ()
    judges: tuple[float, ...] = DEFAULT_JUDGES
    missing: Missing = "refuse"
    seed: int = 0

    @property
    def specs(self) -> tuple[RuleSpec, ...]:
        """All rules, the utilitarian one first."""
        return tuple(dict.fromkeys((UTILITARIAN, *self.rules)))


@dataclass(frozen=True, slots=True)
class ScorerAccount:
    """What there was to choose from by one scorer, and how good its scores are. Counts of people are by pool."""

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


@dataclass(frozen=True, slots=True)
class Reselection:
    """All that came of it.

    choices: a row a pool, scorer, map and rule, with the candidate chosen, the value that the rule gives it (missing for those
    that give an order alone), how many different texts share the first place, the arms that picked it in the run
    (``picked_by``), and whether none did (``differs_from_recorded``).
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


def reselect(run: Run, settings: ReselectionSettings | None = None) -> Reselection:
    """Choose again from all candidates of ``run`` under every rule, map and scorer.

    Raises InputError for a map and a rule that do not go together and a map that has no value for a score, and RunFolderError for
    a run without scores, an unknown scorer and a missing score.
    """
    settings = settings or ReselectionSettings()
    _check_maps(settings)
    reading, mediators = Reading(run), recorded_arms(run)
    names = _scorers(reading, settings.scorers)
    told = tuple(arm.arm for arm in mediators if arm.generator.upper_bound)
    parts = [_part(reading, name, settings, told) for name in names]
    sweeps = ["reselect" if k == 0 and name != ORACLE else f"reselect-{name}" for k, name in enumerate(names)]
    everything = {name: reading.scored(name, missing=settings.missing) for name in names}
    return Reselection(
        name=str(run.manifest.get("name", run.folder.name)),
        has_truth=reading.has_truth,
        specs=settings.specs,
        maps=tuple(map_label(chosen) for chosen in settings.maps),
        judges=settings.judges,
        told=tuple(sorted(set(told) & set(reading.pools["generator"]))),
        accounts=tuple(_account(reading, part, sweep) for part, sweep in zip(parts, sweeps, strict=True)),
        checks=tuple(check_arms(reading, mediators, everything)),
        choices=pd.concat([_rows(reading, part, settings) for part in parts], ignore_index=True),
        findings=tuple(
            adjusted(
                [
                    finding
                    for part, sweep in zip(parts, sweeps, strict=True)
                    for finding in _findings(reading, part, settings, sweep)
                ]
            )
        ),
    )


# --- what is asked ---------------------------------------------------------------------------------------------------


def _check_maps(settings: ReselectionSettings) -> None:
    for chosen in settings.maps:
        for rule in settings.specs:
            try:
                check_map(chosen, rule)
            except ValueError as error:
                raise InputError(f"map {map_label(chosen)!r}: {error}") from None


def _scorers(reading: Reading, asked: Sequence[str]) -> tuple[str, ...]:
    """The scorers asked for, or all that could be deployed. Raises RunFolderError where there are none."""
    known, folder = reading.scorers(), reading.run.folder
    unknown = [name for name in asked if name not in known]
    if unknown and known:
        raise RunFolderError(f"{folder}: no scores by {unknown[0]!r}; expected one of {', '.join(known)}")
    found = tuple(dict.fromkeys(asked or (name for name in known if name != ORACLE)))
    if known and not found:
        raise RunFolderError(f"{folder}: the only scorer is {ORACLE}, which sees the truth; expected --scorer {ORACLE}")
    if not found or unknown:
        names = ", ".join(sorted(set(reading.frame("SELECT DISTINCT arm FROM selections")["arm"]))) or "none"
        raise RunFolderError(
            f"{folder}: no candidate has a score (arms: {names}); expected a run with an arm that has a scorer"
        )
    return found


# --- one scorer ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """One scorer, what was chosen by its scores under each map, and its groups."""

    scored: Scored
    selected: tuple[Selected, ...]
    group: Ints  # [pools], each pool's by number from 0
    quality: ScorerQuality
    told: tuple[str, ...]


def _part(reading: Reading, name: str, settings: ReselectionSettings, told: tuple[str, ...]) -> _Part:
    scored = reading.scored(name, missing=settings.missing, without=told)
    if not scored.blocks:
        raise RunFolderError(
            f"{reading.run.folder}: scorer {name!r}: in no set of candidates has anybody all scores; expected one such set"
        )
    group = _group(reading, scored.pool)
    selected = tuple(_selected(reading, scored, chosen, settings) for chosen in settings.maps)
    return _Part(scored, selected, group, scorer_quality(scored, group), told)


def _group(reading: Reading, pool: Ints) -> Ints:
    return np.asarray(pd.factorize(reading.pools["session_id"].to_numpy()[pool], sort=True)[0], dtype=np.int64)


def _selected(reading: Reading, scored: Scored, chosen: UtilityMapSettings, settings: ReselectionSettings) -> Selected:
    found = [_from_block(reading, block, chosen, settings) for block in scored.blocks]
    choices, consequences = _joined([one for one, _ in found]), _joined([one for _, one in found])
    ratings = reading.candidates["rating"].to_numpy(dtype=np.float64, na_value=np.nan)
    return Selected(
        map_label(chosen), scored.pool, choices, consequences, ratings[reading.first[scored.pool] + choices.index]
    )


def _from_block(
    reading: Reading, block: Slates, chosen: UtilityMapSettings, settings: ReselectionSettings
) -> tuple[Choices, Outcomes]:
    priority = np.stack([_priority(row, settings.seed) for row in reading.pools.iloc[block.pool].itertuples()])
    try:
        choices = choose(block, settings.specs, chosen, priority=priority)
    except ValueError as error:
        raise InputError(f"map {map_label(chosen)!r}: {error}") from None
    return choices, outcomes(block, choices.index, settings.judges)


def _priority(pool: Any, seed: int) -> Floats:
    """The numbers that break a pool's ties: the same for every rule, map and scorer."""
    return stream(seed, "reselect", pool.round_id, pool.generator, int(pool.omitted)).random(int(pool.n))


def _joined(parts: Sequence[Arrays]) -> Arrays:
    """Blocks of pools put together: pools are the last axis of all arrays."""
    kind = type(parts[0])
    return kind(*(np.concatenate([getattr(part, field.name) for part in parts], axis=-1) for field in fields(kind)))


# --- what came of it -------------------------------------------------------------------------------------------------


def _account(reading: Reading, part: _Part, sweep: str) -> ScorerAccount:
    scored, pool, first = part.scored, part.scored.pool, part.selected[0].outcomes
    rows = reading.pools.iloc[pool]
    return ScorerAccount(
        scorer=scored.scorer,
        sweep=sweep,
        sees_truth=scored.scorer == ORACLE,
        n_pools=len(pool),
        n_rounds=int(rows["round_id"].nunique()),
        n_groups=int(rows["session_id"].nunique()),
        n_candidates=(int(rows["n"].min()), int(rows["n"].max())),
        omitted=tuple(sorted({int(n) for n in rows["omitted"]})),
        n_weighed=sum(block.role.size for block in scored.blocks),
        n_unweighed=reading.n_unweighed(scored.scorer, without=part.told),
        n_people_left_out=scored.n_people_left_out,
        n_pools_left_out=scored.n_pools_left_out,
        n_with_truth=int((~np.isnan(first.mean[0])).sum()),
        n_with_minority=int((~np.isnan(first.minority[0])).sum()),
        quality=part.quality,
    )


def _rows(reading: Reading, part: _Part, settings: ReselectionSettings) -> pd.DataFrame:
    """A row a pool, map and rule, in this order."""
    pools, rows = reading.pools.iloc[part.scored.pool], reading.candidates
    order = np.argsort(part.scored.pool, kind="stable")
    tables = []
    for selected in part.selected:
        for k, spec in enumerate(settings.specs):
            chosen = rows.iloc[reading.first[selected.pool] + selected.choices.index[k]]
            table = pools[["round_id", "session_id", "generator", "omitted"]].reset_index(drop=True)
            table = table.assign(
                scorer=part.scored.scorer,
                utility_map=selected.utility_map,
                rule=label(spec),
                candidate_id=chosen["candidate_id"].to_numpy(),
                value=selected.choices.value[k] if has_values(spec) else np.nan,
                n_tied=selected.choices.n_tied[k],
                picked_by=chosen["picked_by"].to_numpy(),
                differs_from_recorded=chosen["picked_by"].isna().to_numpy(),
            )
            tables.append(table.iloc[order])
    return pd.concat(tables, ignore_index=True)


def _findings(reading: Reading, part: _Part, settings: ReselectionSettings, sweep: str) -> Iterator[Finding]:
    """By map over all pools, and where opinions were left out also by how many, under the first map."""
    first = part.selected[0]
    for k, selected in enumerate(part.selected):
        place = Place(sweep, "utility_map", selected.utility_map, float(k))
        yield from rule_findings(place, selected, settings.specs, settings.judges, part.group, first)
    yield from quality_findings(Place(sweep, "utility_map", first.utility_map, 0.0), part.quality)
    omitted = reading.pools["omitted"].to_numpy(dtype=np.int64)[first.pool]
    numbers = np.unique(omitted).tolist()
    for number in numbers if len(numbers) > 1 else ():
        some = _among(first, omitted == number)
        place = Place(f"{sweep}-omitted", "omitted", str(number), float(number))
        yield from rule_findings(place, some, settings.specs, settings.judges, _group(reading, some.pool), some)


def _among(selected: Selected, pools: Bools) -> Selected:
    def kept(part: Arrays) -> Arrays:
        return type(part)(*(getattr(part, field.name)[..., pools] for field in fields(part)))

    return Selected(
        utility_map=selected.utility_map,
        pool=selected.pool[pools],
        choices=kept(selected.choices),
        outcomes=kept(selected.outcomes),
        rating=selected.rating[:, pools],
    )
