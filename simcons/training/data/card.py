"""The card of training data: what it was made of, and what every filter took, as a document and as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from simcons.engines.replies import beginning_of
from simcons.scenario.study import Scenario
from simcons.training.data.build import Built
from simcons.training.data.examples import Side
from simcons.training.data.studies import Study
from simcons.visible import visible_markdown

_KINDS = {
    "sft": "SFT: question and opinions to statement",
    "comparisons": "Comparisons: question and one opinion, two statements",
    "ratings": "Ratings: question and one opinion, one statement",
    "positions": "Positions: question and one opinion, the question's yes",
}
_SHARED = {"rounds": "Rounds", "statements": "Statements"}


def figures(built: Built) -> dict[str, Any]:
    """The card for programs. Nothing in it depends on when or where the data was made, but for the names of folders."""
    learnt = built.data.learn.sft
    return {
        "content": built.data.content_hash(),
        "settings": built.settings.model_dump(mode="json"),
        "prompt": {"sha256": built.prompt.sha256, "reply_begins": beginning_of(learnt[0].messages) if learnt else ""},
        "runs": [_run(study) for study in built.studies],
        "filters": {name: dict(funnel.counts) for name, funnel in built.funnels.items()},
        "sides": {name: _sizes(side) for name, side in built.data.sides().items()},
        "held_out": sorted(_questions(built.data.validation) - _questions(built.data.learn)),
        "sft_statements": {
            "by_generator": dict(sorted(Counter(str(example.generator) for example in learnt).items())),
            "begin_as_asked": sum(example.begins_as_asked for example in learnt),
            "composed_as_judged": _n_composed(built),
        },
    }


def _questions(side: Side) -> set[str]:
    return {example.question for example in side.examples()}


def _run(study: Study) -> dict[str, Any]:
    manifest, raters = study.run.manifest, study.raters
    return {
        "id": study.id,
        "folder": study.run.folder.resolve().name,
        "name": manifest.get("name"),
        "seed": manifest.get("seed"),
        "git_commit": manifest.get("git_commit"),
        "tables_sha256": study.tables_hash,
        "raters": {
            "reliable": len(raters.reliable),
            "unreliable": len(raters.unreliable),
            "too_few_pairs_to_tell": len(raters.unjudged),
        },
    }


def _n_composed(built: Built) -> int:
    """Statements to learn that were composed through the very reader by which simulated people judge them."""
    arms = {(study.id, arm) for study in built.studies for arm in _composing(study)}
    return sum((example.run, example.generator) in arms for example in built.data.learn.sft)


def _composing(study: Study) -> list[str]:
    """The arms of a study that compose so; none where its records name no scenario, as those of people."""
    try:
        return Scenario.model_validate(study.run.manifest.get("scenario")).composed_as_judged
    except ValidationError:
        return []


def _sizes(side: Side) -> dict[str, int]:
    n_ties = sum(comparison.tie for comparison in side.comparisons)
    return {
        "questions": len({example.question for example in side.examples()}),
        "groups": len({(example.run, example.session_id) for example in side.examples()}),
        "people": len({(answer.run, answer.participant_id) for answer in side.answers}),
        "sft": len(side.sft),
        "comparisons": len(side.comparisons) - n_ties,
        "ties": n_ties,
        "ratings": len(side.ratings),
        "positions": len(side.positions),
    }


# --- the page ----------------------------------------------------------------------------------------------------


def card(document: Mapping[str, Any]) -> str:
    """The card for people, in Markdown, of what `figures` gave."""
    return visible_markdown("\n".join(_lines(document)) + "\n")


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from ["# Training data", "", f"SHA-256 of all examples: `{document['content']}`", ""]
    yield from [
        "Made by `simcons train data` from what a study of people can record; nothing else in a run was read.",
        "",
    ]
    yield from _runs(document["runs"])
    yield from _sides(document)
    for name, title in (_SHARED | _KINDS).items():
        yield from [f"## {title}", "", *table_lines(["", "left"], list(document["filters"][name].items())), ""]
    yield from _settings(document)


def _runs(runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = [
        (
            f"`{run['id']}`",
            run["folder"],
            run["name"],
            run["seed"],
            *run["raters"].values(),
            f"`{run['tables_sha256']}`",
        )
        for run in runs
    ]
    columns = [
        "run",
        "folder",
        "name",
        "seed",
        "reliable people",
        "unreliable",
        "too few pairs to tell",
        "SHA-256 of tables",
    ]
    yield from ["## Runs", "", *table_lines(columns, rows), ""]


def _sides(document: Mapping[str, Any]) -> Iterator[str]:
    sides = document["sides"]
    rows = [(name, *(sizes[name] for sizes in sides.values())) for name in next(iter(sides.values()))]
    apart = "question, group" if document["settings"]["hold_out"] == "questions" else "group"
    yield from ["## Sides", "", f"No {apart} or person is on both.", "", *table_lines(["", *sides], rows), ""]
    if document["held_out"]:
        yield from ["Held out:", "", *(f"* {question}" for question in document["held_out"]), ""]


def _settings(document: Mapping[str, Any]) -> Iterator[str]:
    yield from ["## Settings", "", *table_lines(["setting", "value"], list(document["settings"].items())), ""]
    prompt, statements = document["prompt"], document["sft_statements"]
    begins = f", which has replies begin with {prompt['reply_begins']!r}" if prompt["reply_begins"] else ""
    yield f"SHA-256 of the prompt{begins}: `{prompt['sha256']}`"
    n_sft = document["sides"]["learn"]["sft"]
    by = ", ".join(f"{n:,} by {name}" for name, n in statements["by_generator"].items())
    yield f"Of {n_sft:,} statements to learn, {statements['begin_as_asked']:,} begin as the prompt asks; {by}."
    if n_composed := statements["composed_as_judged"]:
        yield ""
        yield (
            f"{n_composed:,} of them were composed through the reader by which simulated people judge them: to learn from"
            " these is distillation with a leak."
        )


def table_lines(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else str(value)
    return " ".join(text.replace("|", "\\|").split())
