"""The networks that the readers of a study share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from simcons.arrays import AnyFloats, Floats
from simcons.engines.base import Encode, Hear, HeardText, Topic
from simcons.engines.load import check_encoder, load_encoder, load_hearing
from simcons.languages.language import Language
from simcons.questions.trained_reader import Heads, TrainedReader
from simcons.questions.trained_weights import load_weights, refused


class ReadingNetworks:
    """Loads each network once, when the first text needs it; that it can be loaded is looked at beforehand.

    given: a sentence encoder that is there already.
    """

    def __init__(self, given: Encode | None = None) -> None:
        self._given = given
        self._hearing: dict[Path, _Hearing] = {}

    def encode(self, texts: Sequence[str]) -> AnyFloats:
        """Embeddings of texts, as the sentence encoder gives them."""
        return self._encoder(texts)

    @cached_property
    def _encoder(self) -> Encode:
        return self._given or load_encoder()

    def trained_reader(self, name: str, language: Language, path: Path) -> TrainedReader:
        """A reader by the weights in a file. Raises MissingPackage, ModelNotFound."""
        check_encoder()
        path = path.resolve()
        if path not in self._hearing:
            self._hearing[path] = _Hearing(path)
        shared = self._hearing[path]
        return TrainedReader(name, language, shared.heads, encode=self.encode, hear=shared.hear)


class _Hearing:
    """The weights in a file, and from the first question on the network that has them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._weights = load_weights(path)
        try:
            self.heads = Heads.of(self._weights)
        except ValueError as error:
            raise refused(path, error) from error

    def hear(self, texts: Sequence[str], topic: Topic, likeness: Sequence[Floats]) -> list[HeardText]:
        return self._hear(texts, topic, likeness)

    @cached_property
    def _hear(self) -> Hear:
        weights = self._weights
        try:
            return load_hearing(weights.network, weights.claims, weights.positions)
        except ValueError as error:
            raise refused(self._path, error) from error
