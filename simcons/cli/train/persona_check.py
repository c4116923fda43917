"""``simcons train persona-check``: how well a language model plays people who were held out, untaught and taught."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from simcons.actors.blind import BlindReading, read_blind, write_blind
from simcons.actors.data import mind_templates, people_of
from simcons.actors.measures import Measures, RatingMeasures, measures
from simcons.actors.playing import Played, Stage, play
from simcons.actors.settings import PersonaDataSettings
from simcons.analysis.resampling import trials
from simcons.cli.console import styled
from simcons.cli.display.tables import Grid, print_grid
from simcons.cli.messages import ConsoleMessages
from simcons.counted import counted
from simcons.engines.load import load_engines
from simcons.engines.local.adapters import adapter_folder
from simcons.engines.local.learnt import read_learnt
from simcons.errors import TrainingDataError
from simcons.languages.shipped import find_language
from simcons.questions.by_text import QuestionsByText
from simcons.questions.own import comparable
from simcons.report import intervals
from simcons.scenario.engines import TransformersEngineSettings
from simcons.scenario.minds import OpinionStart
from simcons.scenario.study import Scenario
from simcons.seeds import stream
from simcons.storage.layout import table_path
from simcons.storage.results import check_result_folder, make_result_folder, write_manifest
from simcons.training.data.persona import PersonaExample, load_persona_data, read_card
from simcons.training.data.stored import said_by

KIND = "train persona-check"
ZERO_SHOT, TRAINED = "as it comes", "with the adapter"


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """What is checked. people: in rounds, at most, of those held out. opinions: for blind reading, of each model.

    opinion_start: as in the mind.
    """

    model: str
    adapter: str | None
    people: int
    opinions: int
    seed: int
    opinion_start: OpinionStart = "free"


def check_persona(people: Path, settings: CheckSettings, out: Path, messages: ConsoleMessages) -> dict[str, Measures]:
    """Have each model answer what people were asked, and write to ``out``: figures, opinions to read and their key.

    people: in persona data, who were held out; in a run, all on questions that the adapter has not learnt from. Raises
    SimconsError.
    """
    check_result_folder(out)
    examples, asked = _held_out(people, settings.adapter)
    examples = chosen_people(examples, settings.people, settings.seed)
    stage = _stage(asked, settings)
    played: dict[str, Played] = {}
    for name, adapter in ((ZERO_SHOT, None), (TRAINED, settings.adapter)):
        if name == ZERO_SHOT or adapter is not None:
            with messages.step(f"Asking {settings.model} {name} for {counted(len(examples), 'person')} in rounds"):
                played[name] = play(_engine(settings.model, adapter), examples, stage)
    figures = {name: measures(answers) for name, answers in played.items()}
    make_result_folder(out)
    opinions = {name: answers.opinions for name, answers in played.items()}
    write_blind(out, opinions, most=settings.opinions, seed=settings.seed)
    document = {name: asdict(of_model) for name, of_model in figures.items()}
    write_manifest(out, KIND, {"people": str(people.resolve()), "settings": asdict(settings), "models": document})
    return figures


def chosen_people(examples: Sequence[PersonaExample], most: int, seed: int) -> list[PersonaExample]:
    """At most so many of those held out, half of them people where there are both. Raises TrainingDataError for none."""
    if not examples:
        raise TrainingDataError("no person was held out; expected some, which nothing was learnt from")
    order = stream(seed, "persona check").permutation(len(examples))
    by_source: dict[str, list[PersonaExample]] = {}
    for place in order:
        by_source.setdefault(examples[int(place)].source, []).append(examples[int(place)])
    share = -(-most // len(by_source))
    return sorted((one for some in by_source.values() for one in some[:share]), key=lambda example: example.id)


def _held_out(people: Path, adapter: str | None) -> tuple[Sequence[PersonaExample], PersonaDataSettings]:
    """Who may be asked, and the settings whose prompts they were asked with."""
    if not table_path(people, "rounds").is_file():
        known = read_card(people)
        prompts = {name: said_by(people, known, "settings", name) for name in ("opinion_prompt", "rating_prompt")}
        return load_persona_data(people).validation, PersonaDataSettings(**prompts)
    learnt = None if adapter is None else read_learnt(adapter_folder(adapter))
    known_to_it = frozenset(map(comparable, () if learnt is None else learnt.questions))
    usual = PersonaDataSettings()
    everybody = people_of(people, usual)
    examples = [example for example in everybody if comparable(example.question) not in known_to_it]
    if everybody and not examples:
        raise TrainingDataError(
            f"{people}: the adapter has learnt from all of its questions; expected some that it has not"
        )
    return examples, usual


def _stage(asked: PersonaDataSettings, settings: CheckSettings) -> Stage:
    language = find_language(str(Scenario.model_fields["language"].default))
    return Stage(mind_templates(asked), language, QuestionsByText(language), settings.seed, settings.opinion_start)


def _engine(model: str, adapter: str | None) -> Any:
    settings = TransformersEngineSettings(kind="transformers", model=model, adapter=adapter)
    return load_engines({"actor": settings}, {"actor"})["actor"]


# --- what came of it ---------------------------------------------------------------------------------------------


def show_check(figures: Mapping[str, Measures], out: Path, console: Console) -> None:
    """The models side by side."""
    names = list(figures)
    print_grid(Grid("Opinions", ["", *names], _side_by_side(figures, _opinion_rows)), console)
    for source, act in dict.fromkeys((some.source, some.act) for of in figures.values() for some in of.ratings):
        of_act = {
            name: next((some for some in of.ratings if (some.source, some.act) == (source, act)), None)
            for name, of in figures.items()
        }
        there = {name: some for name, some in of_act.items() if some is not None}
        title = f"{act.capitalize()}, {'people' if source == 'people' else 'simulated people'}"
        print_grid(Grid(title, ["", *there], _side_by_side(there, _rating_rows)), console)
    console.print(styled("\nOpinions to read, and their key: ", (str(out), "bold")), soft_wrap=True)
    console.print(
        "Fill in on_question (yes, no) and side (for, against, neither) in opinions.csv without looking at key.csv, then:"
        f"  simcons train persona-check --read {out}",
        soft_wrap=True,
        style="dim",
    )


def show_reading(folder: Path, console: Console) -> None:
    """What a blind reading came to. Raises InputError."""
    readings = read_blind(folder)
    print_grid(Grid("Read blind", ["", *readings], _side_by_side(readings, _reading_rows)), console)


def _side_by_side(of_models: Mapping[str, Any], rows: Any) -> list[list[str]]:
    columns = [dict(rows(figures)) for figures in of_models.values()]
    return [[title, *(column[title] for column in columns)] for title in columns[0]]


def _opinion_rows(figures: Measures) -> Iterator[tuple[str, str]]:
    opinions = figures.opinions
    broken = trials(sum(opinions.unusable.values()), opinions.n)
    yield "opinions", f"{opinions.n:,}"
    yield "no opinion, at the first try", intervals.share(broken)
    reasons = ", ".join(f"{reason} {n}" for reason, n in opinions.unusable.items())
    yield "of these", reasons or "-"
    yield "cut off", intervals.share(trials(opinions.cut_off, opinions.n))
    yield "words, mean", _figure(opinions.words, 0)
    yield "seconds an opinion", _figure(opinions.seconds, 2)
    yield "agrees more with the position than its negation, as meant", intervals.share(figures.negated)


def _rating_rows(figures: RatingMeasures) -> Iterator[tuple[str, str]]:
    yield "ratings", f"{figures.n:,}"
    yield "r with the person's own", intervals.points(figures.r)
    yield "r with another person told", intervals.points(figures.r_other)
    yield "r within questions", intervals.points(figures.r_within)
    yield "SD (people's own)", f"{figures.sd:.2f} ({figures.sd_people:.2f})"
    yield "retest SD, options the other way round", _figure(figures.retest_sd, 2)
    yield "straight-liners (people's own)", f"{_share(figures.straight)} ({_share(figures.straight_people)})"
    yield "probability of the options", f"{figures.mass:.0%}"
    yield "seconds a rating", f"{figures.seconds:.3f}"


def _reading_rows(reading: BlindReading) -> Iterator[tuple[str, str]]:
    yield "on the question", intervals.share(reading.on_question)
    yield "on the side told", intervals.share(reading.on_side)
    yield "echo, loop, list, off the question or cut off", intervals.share(reading.broken)


def _figure(value: float | None, decimals: int) -> str:
    return intervals.NO_ESTIMATE if value is None else f"{value:.{decimals}f}"


def _share(value: float | None) -> str:
    return intervals.NO_ESTIMATE if value is None else f"{value:.0%}"
