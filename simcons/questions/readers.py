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
from simcons.questions.trained_reader import TrainedReader
from simcons.remembered import Remembered, keep_last
from simcons.scenario.scoring import ModelReaderSettings, SettledReaderSettings, TrainedReaderSettings
from simcons.scenario.shipped import find_reader_weights
from simcons.scenario.study import Scenario

Readings: TypeAlias = dict[tuple[str, str], Reading]  # by question and text
# Makes a reader for the round of that id. No reading depends on what was read in another round.
ReaderMaker: TypeAlias = Callable[[str], Reader]

_READINGS_KEPT = 4096  # of a trained reader: a few MB


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

    def __init__(self, reader: Reader, readings: Readings | None = None, *, most: int | None = None) -> None:
        """``readings``: those that there are already, to be added to. ``most``: of more those that were read last are kept."""
        self.name = reader.name
        self._reader = reader
        self._readings: Readings = {} if readings is None else readings
        self._most = most

    def read(self, question: Question, texts: Sequence[str]) -> Act[list[Reading]]:
        new = [text for text in dict.fromkeys(texts) if (question.id, text) not in self._readings]
        if new:
            readings = yield from self._reader.read(question, new)
            self._readings.update(zip([(question.id, text) for text in new], readings, strict=True))
        read = [self._readings[question.id, text] for text in texts]
        if self._most is not None:
            keep_last(self._readings, self._most)
        return read


def reader_makers(
    scenario: Scenario, language: Language, *, encode: Encode | None, rounds_known: int = 0
) -> dict[str, ReaderMaker]:
    """Makers of the readers in use, by name.

    encode: for those that compare sentence embeddings. rounds_known: how many rounds' readings are kept, for
    studies after this one. Raises ScenarioError, MissingPackage, ModelNotFound.
    """
    networks = ReadingNetworks(encode)
    made = {
        name: build_reader(
            name,
            settings,
            language,
            encode=encode if scenario.embeds(name) else None,
            networks=networks,
            seed=scenario.seed,
        )
        for name, settings in scenario.readers_used.items()
    }
    return {name: _maker(reader, rounds_known) for name, reader in made.items()}


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

    All others read each text as if alone, networks included, so that it makes no difference what was read before. A trained one
    takes a tenth of a second for each, so it remembers beyond the round: a constant is shown to many groups.
    """
    if isinstance(reader, ModelReader):
        return lambda round_id: reader
    if isinstance(reader, TrainedReader):
        reader = RememberingReader(reader, most=_READINGS_KEPT)
    known = Remembered[Readings](rounds_known)
    return lambda round_id: RememberingReader(reader, known.of(round_id, dict))
