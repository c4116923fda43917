"""The readers of a study, by the names that its scenario gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from simcons.engines.acts import at_once
from simcons.engines.base import Act, Encode
from simcons.languages.language import Language
from simcons.questions.bank import Question
from simcons.questions.model_reader import ModelReader
from simcons.questions.reader import QuestionReader
from simcons.questions.reading import Reader, Reading
from simcons.questions.reading_networks import ReadingNetworks
from simcons.remembered import Remembered
from simcons.scenario.scoring import ModelReaderSettings, SettledReaderSettings, TrainedReaderSettings
from simcons.scenario.shipped import find_reader_weights
from simcons.scenario.study import Scenario

Readings: TypeAlias = dict[tuple[str, str], Reading]  # by question and text
# Makes a reader for the round of that id. What it remembers of texts is the round's own, so that no round depends on another.
ReaderMaker: TypeAlias = Callable[[str], Reader]


class RulesReader:
    """Reads by rules: the wordings of claims, and with ``encode`` their meaning too; asks for nothing.

    Questions are made ready for reading when they first come up.
    """

    def __init__(self, language: Language, name: str = "reader", *, encode: Encode | None = None) -> None:
        self.name = name
        self._language = language
        self._encode = encode
        self._readers: dict[str, QuestionReader] = {}

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        if question.id not in self._readers:
            self._readers[question.id] = QuestionReader(question, self._language, self._encode)
        return at_once(self._readers[question.id].read_many(texts))


class RememberingReader:
    """Has another reader read each text once.

    Only for a reader that asks for nothing: whether a text of another act has been read by now, and need not be asked for, would
    depend on how fast engines answer. Who asks a language model asks again, and is answered from the store of calls.
    """

    def __init__(self, reader: Reader, readings: Readings | None = None) -> None:
        """``readings``: those that there are already, to be added to."""
        self.name = reader.name
        self._reader = reader
        self._readings: Readings = {} if readings is None else readings

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        new = [text for text in dict.fromkeys(texts) if (question.id, text) not in self._readings]
        if new:
            readings = yield from self._reader.read(question, new)
            self._readings.update(zip([(question.id, text) for text in new], readings, strict=True))
        return [self._readings[question.id, text] for text in texts]


def reader_makers(
    scenario: Scenario, language: Language, *, encode: Encode | None, rounds_known: int = 0
) -> dict[str, ReaderMaker]:
    """Makers of the readers in use, by name.

    encode: for those that compare sentence embeddings. rounds_known: how many rounds' readings are kept, for
    studies after this one. Raises ScenarioError, MissingPackage, ModelNotFound.
    """
    networks = ReadingNetworks(encode)
    return {
        name: _maker(
            build_reader(
                name,
                settings,
                language,
                encode=encode if scenario.embeds(name) else None,
                networks=networks,
                seed=scenario.seed,
            ),
            0 if scenario.embeds(name) else rounds_known,
        )
        for name, settings in scenario.readers_used.items()
    }


def build_reader(
    name: str,
    settings: SettledReaderSettings,
    language: Language,
    *,
    encode: Encode | None,
    networks: ReadingNetworks,
    seed: int,
) -> Reader:
    """The reader that ``settings`` describe. Raises ScenarioError, MissingPackage, ModelNotFound.

    encode: for one by rules that compares sentence embeddings; networks: for a trained one, which shares them with others.
    """
    if isinstance(settings, ModelReaderSettings):
        return ModelReader(name, settings, language, style=RulesReader(language), seed=seed)
    if isinstance(settings, TrainedReaderSettings):
        return networks.trained_reader(name, language, find_reader_weights(settings.weights))
    return RulesReader(language, name, encode=encode)


def _maker(reader: Reader, rounds_known: int) -> ReaderMaker:
    """Readers that remember what they have read; one that asks a language model is the same in every round.

    In another study a network may be given the same texts in another batch, and not hear the same.
    """
    if isinstance(reader, ModelReader):
        return lambda round_id: reader
    known = Remembered[Readings](rounds_known if isinstance(reader, RulesReader) else 0)
    return lambda round_id: RememberingReader(reader, known.of(round_id, dict))
