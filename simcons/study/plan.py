"""A scenario made ready to run: population, questions, prompts, and the numbers that people's behaviour follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from simcons.engines.base import Encode
from simcons.errors import ScenarioError
from simcons.languages.language import Language
from simcons.languages.shipped import find_language
from simcons.mediator.generator import Sample
from simcons.mediator.own import OwnScorer
from simcons.mediator.own_rules import own_rules
from simcons.mediator.prompts import Render, load_prompt
from simcons.mediator.scorer import Scorer, build_scorers
from simcons.population.minds.dealing import StoryId, stories_of_deal
from simcons.population.minds.discussion import Discussion, KnownRound
from simcons.population.minds.fitted import FittedMind
from simcons.population.minds.hostile import Attack
from simcons.population.minds.latent import LatentMind
from simcons.population.minds.llm import LlmMind
from simcons.population.minds.mind import Mind
from simcons.population.minds.mixed import MixedMind
from simcons.population.minds.prompts import load_templates
from simcons.population.persona import Persona
from simcons.population.synthesis import Population, synthesise
from simcons.population.table import known_people
from simcons.questions.bank import Question
from simcons.questions.choose import Chosen, choose_questions
from simcons.questions.readers import ReaderMaker, reader_makers
from simcons.questions.reading import Reader
from simcons.remembered import Remembered
from simcons.scale import SCALES, Scale
from simcons.scenario.bounds import pool_size
from simcons.scenario.minds import FittedMindSettings, LlmMindSettings
from simcons.scenario.pipelines import PipelineSettings
from simcons.scenario.population_file import load_population_file
from simcons.scenario.scoring import ModelReaderSettings
from simcons.scenario.shipped import find_population, find_prompt
from simcons.scenario.study import Scenario, TablePopulationSettings
from simcons.seeds import stream
from simcons.study.participant import Manner
from simcons.welfare.rules import Rule

# Kept for plans beside, so that what the same people do with the same texts is worked out once.
_ROUNDS_KNOWN = 1000  # some 100 KiB each
_COMPOSED = 4000  # of a generator in a round, some 10 KiB each


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a study needs besides engines and a folder to write to."""

    scenario: Scenario
    language: Language
    questions: Sequence[Question]
    chosen: Chosen
    population: Population
    manner: Manner
    readers: Mapping[str, ReaderMaker]  # by name
    scorers: Mapping[str, Scorer]  # by name, but for those that see the truth
    prompts: Mapping[str, Render]
    own_rules: Mapping[str, Rule]  # by arm
    mind: Mind
    latent: LatentMind  # what people hold underneath, whatever mind they answer with
    scales: tuple[Scale, ...]  # what statements are rated on, in the order asked
    known: Remembered[KnownRound]  # of plans before, where their people read by the same rules
    composed: Remembered[list[Sample]]  # for the same people and questions, from what was read in their opinions

    def questions_of(self, session_index: int) -> list[Question]:
        """The questions of one session, all different.

        Sessions are dealt from a deck of all questions, shuffled anew once it is used up: questions come up equally often.
        """
        n_rounds = self.scenario.design.rounds
        deck, place = divmod(session_index, self._sessions_a_deck)
        order = stream(self.scenario.seed, "deck", deck).permutation(len(self.questions))
        return [self.questions[int(k)] for k in order[place * n_rounds : (place + 1) * n_rounds]]

    def stories_of(self, question: Question, session_index: int) -> frozenset[StoryId]:
        """Stories that may be told when the session comes to ``question``: every question comes up once a deck at most, so no
        story is told twice.
        """
        n_decks = -(-self.scenario.design.groups // self._sessions_a_deck)
        return stories_of_deal(question, session_index // self._sessions_a_deck, n_decks, seed=self.scenario.seed)

    @property
    def _sessions_a_deck(self) -> int:
        return len(self.questions) // self.scenario.design.rounds

    @property
    def has_bank(self) -> bool:
        """True if the questions come with claims of their own, which a reader can look for."""
        return self.scenario.questions.kind == "bank"

    def attack(self, participant_id: str) -> Attack | None:
        """The attack that this participant tries on the mediator, if they are hostile."""
        hostility = self.scenario.participants.hostility
        if not hostility.share:
            return None
        hostile = stream(self.scenario.seed, "hostile", participant_id).random() < hostility.share
        return hostility.attack if hostile else None

    def discussion(
        self,
        question: Question,
        round_id: str,
        people: Mapping[str, Persona],
        readers: Mapping[str, Reader],
        *,
        stories: Collection[StoryId],
    ) -> Discussion:
        """``readers``: those of the round, by name; ``stories``: those that may be told in it."""
        reader = readers[self.scenario.participants.reader]
        return Discussion(
            question,
            round_id,
            people,
            reader,
            self.language,
            scales=self.scales,
            seed=self.scenario.seed,
            stories=stories,
            known=self.known,
        )


def make_plan(
    scenario: Scenario,
    *,
    encode: Encode | None = None,
    languages: Sequence[Language] = (),
    beside: Plan | None = None,
    pool: int | None = None,
    to_share: bool = False,
) -> Plan:
    """Load what the scenario names, ``languages`` being those of a user's own. Raises ScenarioError, in one line.

    pool: the number of people to make, by default as many as the study may recruit. Nobody depends on how many there are.
    beside: a plan made before, of a scenario that asks the same people the same questions. What both need is taken from it, so
    that the same sentences are read once; no record depends on it. to_share: another plan may be made beside this one.
    """
    language = find_language(scenario.language, languages)
    before = beside if beside is not None and _alike(beside, scenario, language) else None
    chosen = before.chosen if before else choose_questions(scenario.questions, language, seed=scenario.seed)
    questions = chosen.questions
    if len(questions) < scenario.design.rounds:
        raise ScenarioError(
            f"questions: {len(questions)} match, which is fewer than design.rounds {scenario.design.rounds}; expected one a round"
        )
    population = before.population if before else population_of(scenario, pool)
    scales = tuple(SCALES[name] for name in scenario.participants.scales)
    latent = before.latent if before else _latent(scenario, language, scales)
    rounds_known = _ROUNDS_KNOWN if to_share else 0
    readers = _readers(scenario, language, encode, before, rounds_known)
    return Plan(
        scenario=scenario,
        language=language,
        questions=questions,
        chosen=chosen,
        population=population,
        manner=Manner.of(population.parameters),
        readers=readers,
        scorers={**build_scorers(scenario.scorers_used), **_own_scorers(scenario)},
        prompts=_prompts(scenario),
        own_rules=own_rules(scenario.mediators, people=max(scenario.design.group_sizes)),
        mind=_mind(scenario, language, latent, scales),
        latent=latent,
        scales=scales,
        known=_known_rounds(scenario, readers, before, rounds_known),
        composed=before.composed if before else Remembered(_COMPOSED if to_share else 0),
    )


def _alike(plan: Plan, scenario: Scenario, language: Language) -> bool:
    """True if a scenario asks the people of ``plan`` its questions, whatever the mediators do with the answers."""
    return plan.language is language and all(
        asked(plan.scenario) == asked(scenario)
        for asked in (_who, lambda given: given.questions, lambda given: given.seed)
    )


def _who(scenario: Scenario) -> tuple[object, ...]:
    design = scenario.design
    return scenario.population, scenario.participants, design.groups, design.group_sizes


def _readers(
    scenario: Scenario, language: Language, encode: Encode | None, before: Plan | None, rounds_known: int
) -> Mapping[str, ReaderMaker]:
    """Those of the plan before where the scenario means the same by their names."""
    kept = {
        name: make
        for name, make in (before.readers.items() if before else ())
        if name in scenario.readers_used
        and before is not None
        and before.scenario.reader(name) == scenario.reader(name)
        and before.scenario.embeds(name) == scenario.embeds(name)
    }
    if kept.keys() == scenario.readers_used.keys():
        return kept
    return {**reader_makers(scenario, language, encode=encode, rounds_known=rounds_known), **kept}


def _known_rounds(
    scenario: Scenario, readers: Mapping[str, ReaderMaker], before: Plan | None, rounds_known: int
) -> Remembered[KnownRound]:
    """Those of the plan before where people have its reader. One that asks a model has to ask in every run."""
    name = scenario.participants.reader
    if isinstance(scenario.reader(name), ModelReaderSettings):
        return Remembered()
    if before is not None and readers[name] is before.readers.get(name):
        return before.known
    return Remembered(rounds_known)


def population_of(scenario: Scenario, pool: int | None = None) -> Population:
    """Everybody whom the scenario can recruit. pool: how many. Raises ScenarioError for a population that is wrong."""
    file = load_population_file(find_population(scenario.population.name))
    design, people = scenario.design, scenario.participants
    size = pool or pool_size(scenario.population.size, design.groups, design.group_sizes)
    overrides: dict[str, dict[str, float]] = {
        "values": {str(key): value for key, value in scenario.population.values.items()},
        "response_style": {str(key): value for key, value in people.response_style.items()},
        "tempo": {str(key): value for key, value in people.tempo.items()},
        "behaviour": {str(key): value for key, value in people.behaviour.items()},
    }
    table = scenario.population if isinstance(scenario.population, TablePopulationSettings) else None
    return synthesise(
        file,
        size,
        seed=scenario.seed,
        overrides={section: given for section, given in overrides.items() if given},
        known=None if table is None else known_people(table, size, seed=scenario.seed),
    )


def _latent(scenario: Scenario, language: Language, scales: Sequence[Scale]) -> LatentMind:
    """The latent mind that everybody has underneath."""
    held = scenario.participants.mind.underneath
    return LatentMind(held, language, scales=scales, seed=scenario.seed)


def _mind(scenario: Scenario, language: Language, latent: LatentMind, scales: Sequence[Scale]) -> Mind:
    """The mind that people write and judge with."""
    settings = scenario.participants.mind
    if isinstance(settings, FittedMindSettings):
        return FittedMind(settings, latent, seed=scenario.seed)
    if not isinstance(settings, LlmMindSettings):
        return latent
    continues = settings.engine in scenario.continuing_engines
    unworded = next((scale.name for scale in scales if scale not in language.scales), None)
    if unworded is not None:
        raise ScenarioError(f"participants.scales: {unworded!r} has no words in the language {language.code}")
    templates = load_templates(settings)
    model = LlmMind(settings, templates, language, scales=scales, seed=scenario.seed, continues=continues)
    if settings.beliefs == "persona":
        return model
    minds: Mapping[str, Mind] = {"llm": model, "latent": latent}
    return MixedMind(latent, writer=minds[settings.writer], judge=minds[settings.judge])


def _own_scorers(scenario: Scenario) -> dict[str, Scorer]:
    """The scorers that are pipelines of the user's own, by name."""
    used = scenario.scorers_used.items()
    return {name: OwnScorer(name, scenario.seed) for name, given in used if isinstance(given, PipelineSettings)}


def _prompts(scenario: Scenario) -> dict[str, Render]:
    names = {name for mediator in scenario.mediators for name in mediator.generator.prompts}
    return {name: load_prompt(find_prompt(name)) for name in sorted(names)}
