"""Options of commands that take a few people beside a simulated study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simcons.errors import InputError

if TYPE_CHECKING:
    from simcons.experiments.few_people import PeopleSettings

People = Annotated[
    Path | None,
    typer.Option("--people", metavar="IMPORT", help="A few people too: imported.", show_default=False),
]
Arms = Annotated[list[str] | None, typer.Option("--arm", metavar="NAME=ARM", help="Their arm for ours; repeatable.")]


Scorer = Annotated[
    str | None, typer.Option("--scorer", metavar="NAME", help="Predicts their ratings (reader).", show_default=False)
]
Times = Annotated[
    int | None,
    typer.Option("--anew", metavar="N", min=2, help="Statements anew for each round (10).", show_default=False),
]


def people_settings(
    people: Path | None, arms: Sequence[str] | None, scorer: str | None, times: int | None
) -> PeopleSettings | None:
    """None without people. Raises InputError, also for what is said of people where there are none."""
    from simcons.experiments.few_people import PeopleSettings  # with pandas, which most commands do without

    if people is None:
        given = next((name for name, value in (("arm", arms), ("scorer", scorer), ("anew", times)) if value), None)
        if given is not None:
            raise InputError(f"--{given}: expected --people IMPORT beside it")
        return None
    usual = PeopleSettings(people)
    return PeopleSettings(people, _arms(arms or ()), scorer or usual.scorer, times or usual.times)


def _arms(given: Sequence[str]) -> dict[str, str]:
    """Arms of people's study by the name of ours."""
    arms: dict[str, str] = {}
    for each in given:
        ours, separator, theirs = (part.strip() for part in each.partition("="))
        if not (separator and ours and theirs):
            raise InputError(f"--arm {each!r}: expected one of ours and theirs that stands for it: 'base=old prompt'")
        if ours in arms:
            raise InputError(f"--arm {each!r}: {ours} is {arms[ours]!r} already; expected each once")
        arms[ours] = theirs
    return arms
