"""A network that hears what a text says of a question: where it comes down, and of every claim whether it is asserted or denied.

Text and position are read once, by all-MiniLM-L6-v2 trained further; each claim then attends to the words that concern it
(label-wise attention: Mullenbach et al. 2018). A claim is known by the middles of its wordings and denials, so that any bank can
be read, and one that was trained on by what was learnt of it besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import DTypeLike
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, AutoTokenizer

from simcons.arrays import AnyFloats, Floats
from simcons.engines.base import HeardText, Topic
from simcons.engines.local.models import (
    PACKAGED_ENCODER,
    complete_folder,
    in_one_line,
    packaged_path,
    quiet_transformers,
)
from simcons.engines.local.side_by_side import states_of, tokenised
from simcons.errors import ModelNotFound

Weights: TypeAlias = Mapping[str, AnyFloats]

N_STANCES = 3  # on a claim: says nothing of it, asserts it, denies it
N_VERDICTS = 4  # on the position: for, against, torn, says nothing
MAX_TOKENS = 224  # of position and text together; the end of a longer text is not read
UNKNOWN = 0  # the row of what was not trained on

_HIDDEN = 192
_SHARPNESS = 12.0  # of attention at the start of training; a cosine times this
_OWN_SCALE = 4.0  # of what was learnt of one claim or question: features are unit vectors, and would else hardly count


class HearingNetwork(nn.Module):
    """See above. Word embeddings stay as they are packaged.

    n_likeness: features of the likeness of a text and a claim; n_claims, n_questions: those trained on, in rows from 1.
    """

    def __init__(self, *, n_likeness: int, n_claims: int, n_questions: int) -> None:
        super().__init__()
        folder = complete_folder(packaged_path(PACKAGED_ENCODER))
        with in_one_line(ModelNotFound, f"sentence encoder {str(folder)!r} cannot be read"), quiet_transformers():
            self.tokenizer = AutoTokenizer.from_pretrained(folder)
            self.body = AutoModel.from_pretrained(folder, dtype=torch.float32)
        self.body.embeddings.requires_grad_(False)
        size = self.size = int(self.body.config.hidden_size)
        self.query, self.key, self.value = nn.Linear(2 * size, size), nn.Linear(size, size), nn.Linear(size, size)
        self.sharpness = nn.Parameter(torch.tensor(_SHARPNESS))
        self.own_query = nn.Embedding(n_claims + 1, size, padding_idx=UNKNOWN)
        self.own_claim = nn.Embedding(n_claims + 1, N_STANCES * (size + 1), padding_idx=UNKNOWN)
        self.own_position = nn.Embedding(n_questions + 1, N_VERDICTS * size, padding_idx=UNKNOWN)
        features = 4 * size + n_likeness
        self.claim = nn.Sequential(
            nn.Linear(features, _HIDDEN), nn.GELU(), nn.Dropout(0.1), nn.Linear(_HIDDEN, N_STANCES)
        )
        self.by_likeness = nn.Linear(n_likeness, N_STANCES)
        self.verdict = nn.Sequential(nn.Dropout(0.1), nn.Linear(2 * size, size), nn.Tanh(), nn.Linear(size, N_VERDICTS))
        self.likeness_mean = nn.Parameter(torch.zeros(n_likeness), requires_grad=False)
        self.likeness_scale = nn.Parameter(torch.ones(n_likeness), requires_grad=False)
        self._begin_as_likeness()

    @torch.no_grad()
    def _begin_as_likeness(self) -> None:
        """Let attention begin as the cosine of words and a claim's wordings, and what is learnt of single claims as nothing."""
        for own in (self.own_query, self.own_claim, self.own_position):
            own.weight.zero_()
        for layer in (self.query, self.key, self.value):
            layer.weight.zero_()
            layer.weight[:, : self.size].fill_diagonal_(1.0)
            layer.bias.zero_()

    def forward(
        self, inputs: Mapping[str, Tensor], claims: Tensor, likeness: Tensor, own: Tensor, question: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [text, claim, stance] and [text, verdict], and attention [text, claim, token].

        claims: [text, claim, 2 x size], middles of wordings and denials; likeness: [text, claim, feature]; own: [text, claim] and
        question: [text], rows of what was learnt of them, or UNKNOWN.
        """
        read, of_text = inputs["attention_mask"], inputs["token_type_ids"].bool()
        states = self.body(**inputs).last_hidden_state.float()
        return self.heard(states, read, of_text, likeness, claims=claims, own=own, question=question)

    def heard(
        self,
        states: Tensor,
        read: Tensor,
        of_text: Tensor,
        likeness: Tensor,
        *,
        claims: Tensor,
        own: Tensor,
        question: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As `forward`, of the states of the body, [text, token, size].

        Masks [text, token]: read is 0 for padding; of_text is False for it and for the position.
        """
        queries = self.query(claims) + self.own_query(own)
        cosine = functional.normalize(queries, dim=-1) @ functional.normalize(self.key(states), dim=-1).transpose(1, 2)
        attention = (self.sharpness * cosine).masked_fill(~of_text[:, None], -1e4).softmax(-1)
        heard = attention @ self.value(states)
        text, pair = _mean(states, of_text), _mean(states, read)
        standard = (likeness - self.likeness_mean) / self.likeness_scale
        features = torch.cat([heard, heard * queries, queries, text[:, None] * queries, standard], -1)
        stances = self.claim(features) + self.by_likeness(standard) + self._of_own_claims(heard, own)
        position = self.own_position(question).unflatten(-1, (N_VERDICTS, self.size))
        of_position = (position @ functional.normalize(text, dim=-1)[..., None]).squeeze(-1)
        return stances, self.verdict(torch.cat([pair, text], -1)) + _OWN_SCALE * of_position, attention

    def _of_own_claims(self, heard: Tensor, own: Tensor) -> Tensor:
        weights: Tensor = self.own_claim(own).unflatten(-1, (N_STANCES, self.size + 1))
        direction, bias = weights[..., :-1], weights[..., -1]
        return _OWN_SCALE * (direction @ functional.normalize(heard, dim=-1)[..., None]).squeeze(-1) + bias

    def tokens(
        self, positions: Sequence[str], texts: Sequence[str], *, max_tokens: int = MAX_TOKENS, padded: bool = True
    ) -> Any:
        """Positions and texts as the network reads them; ``padded``: as tensors. An empty text is read as a full stop, as
        attention needs a word.
        """
        return self.tokenizer(
            list(positions),
            [text if text.strip() else "." for text in texts],
            padding=padded,
            truncation="only_second",
            max_length=max_tokens,
            return_tensors="pt" if padded else None,
        )

    def learnt(self) -> dict[str, AnyFloats]:
        """The weights that training has changed, in half precision, by name."""
        packaged = {name for name, weights in self.body.named_parameters(prefix="body") if not weights.requires_grad}
        return {
            name: weights.detach().to(torch.float16).numpy()
            for name, weights in self.state_dict().items()
            if name not in packaged
        }

    def learn(self, weights: Weights) -> None:
        """Take on weights as `learnt` gives them. Raises ValueError where names or shapes are not this network's."""
        own = self.state_dict()
        for name, values in weights.items():
            if name not in own or tuple(own[name].shape) != values.shape:
                raise ValueError(f"weights {name!r} of shape {values.shape} are not of this network")
        given = {name: torch.from_numpy(values.astype(np.float32)) for name, values in weights.items()}
        self.load_state_dict(given, strict=False)


def _mean(states: Tensor, mask: Tensor) -> Tensor:
    """Means over the tokens of a mask, [text, size]."""
    weights = mask[..., None].to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1).clamp_min(1)


class Hearing:
    """Hears texts by the weights of a trained network.

    known: what the rows of claims and questions were learnt from, in order, by `Topic`'s keys. Raises MissingPackage,
    ModelNotFound, and ValueError for weights of another network.
    """

    def __init__(
        self, weights: Weights, known_claims: Sequence[str], known_questions: Sequence[str], *, device: str = "cpu"
    ) -> None:
        self._claims = {key: row for row, key in enumerate(known_claims, start=1)}
        self._questions = {key: row for row, key in enumerate(known_questions, start=1)}
        n_likeness = len(weights["likeness_mean"]) if "likeness_mean" in weights else 0
        self._network = HearingNetwork(
            n_likeness=n_likeness, n_claims=len(known_claims), n_questions=len(known_questions)
        )
        self._network.learn(weights)
        self._network.eval().to(device)
        self._device = device

    @torch.inference_mode()
    def hear(self, texts: Sequence[str], topic: Topic, likeness: Sequence[AnyFloats]) -> list[HeardText]:
        """Texts as the network hears them, each to the last bit as if alone. likeness: of each text and the topic's claims."""
        read = self._network.tokens([topic.position] * len(texts), texts, padded=False)
        states = states_of(self._network.body, tokenised(read))
        hear = partial(
            self._network.heard,
            claims=self._row(topic.claims, np.float32),
            own=self._row([self._claims.get(key, UNKNOWN) for key in topic.claim_keys], np.int64),
            question=self._row(self._questions.get(topic.position_key, UNKNOWN), np.int64),
        )
        heard = []
        for encoding, own, features in zip(read.encodings, states, likeness, strict=True):
            masks = self._row(encoding.attention_mask, np.int64), self._row(encoding.type_ids, np.bool_)
            heard.append(_heard(*hear(own[None], *masks, self._row(features, np.float32)), encoding.offsets))
        return heard

    def _row(self, values: Any, dtype: DTypeLike) -> Tensor:
        """Values of one text, as those of a batch."""
        return torch.tensor(np.asarray(values, dtype=dtype)[None], device=self._device)


def _heard(stances: Tensor, verdict: Tensor, attention: Tensor, offsets: Sequence[tuple[int, int]]) -> HeardText:
    """What is heard of one text, by the network's answers and the characters at which its tokens begin and end."""
    places = [offsets[token][0] for token in attention[0].argmax(-1).tolist()]
    return HeardText(_log_probabilities(stances[0]), _log_probabilities(verdict[0]), places)


def _log_probabilities(logits: Tensor) -> Floats:
    return np.asarray(logits.double().log_softmax(-1).cpu().numpy(), dtype=np.float64)
