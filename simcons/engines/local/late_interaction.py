"""A reward network that reads question, opinion and statement apart, and goes by how near their tokens are to one another.

A cross-encoder has to learn from nothing that a statement may say what an opinion says. A sentence encoder has learnt to lay such
texts close together, and this network begins from there. Late interaction is that of ColBERT (Khattab & Zaharia 2020): for each
token of one text the most similar of the other. Each text is read once, however many rows it is in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, pad
from transformers import AutoModel, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput

from simcons.engines.local.prefill import READ_TOKENS, Tokens
from simcons.engines.local.rows import batches, padded_right

# Similarities differ by about a tenth, and the entries of a vector of length 1 by less: times ten, their weights have the size
# that a head learns at its usual rate.
_SCALE = 10.0
_OF_A_PAIR = 3  # features of a statement beside another text
_LIKENESS = 0.1  # the first weight of each of them beside the opinion: all a tenth more alike are .3 in log odds
_HIDDEN = -1.0  # the least that a similarity can be


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts as they have been read, in vectors of length 1.

    means: [text, dim]. states: [text, token, dim]. own: [text, token], False for marks and padding.
    """

    means: Tensor
    states: Tensor
    own: Tensor

    def __getitem__(self, places: Tensor) -> _Texts:
        return _Texts(self.means[places], self.states[places], self.own[places])


class LateInteractionReward(PreTrainedModel):  # type: ignore[misc]  # transformers has no types
    """An encoder, and a linear head over similarities and what the statement is like. Its configuration is the body's.

    A row is ``<start> question <sep> opinion <sep> statement <sep>``, or the same without the opinion.
    """

    base_model_prefix = "body"
    _supports_sdpa = True
    _keys_to_ignore_on_load_unexpected = [r"pooler\.", r"position_ids$"]

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.body = encoder_body(config)
        n_others = 2 if getattr(config, "reads_opinion", True) else 1
        self.head = nn.Sequential(nn.Linear(n_others * _OF_A_PAIR + 1 + int(config.hidden_size), 1))
        self.post_init()

    def begin_from_likeness(self) -> None:
        """Give the new head weights for the likeness of statement and opinion: whoever said the like agrees more.

        With weights near nought the encoder would hear nothing of opinions until the head has found them. Without opinions
        nothing is changed.
        """
        if getattr(self.config, "reads_opinion", True):
            (layer,) = self.head.children()
            with torch.no_grad():
                layer.get_parameter("weight")[:, _OF_A_PAIR : 2 * _OF_A_PAIR] += _LIKENESS

    def forward(self, input_ids: Tensor, attention_mask: Tensor, **_: Any) -> SequenceClassifierOutput:
        """``logits`` [row, 1]."""
        lengths = attention_mask.sum(1).tolist()
        end = self.config.sep_token_id
        rows = [texts_of(ids[:length], end) for ids, length in zip(input_ids.tolist(), lengths, strict=True)]
        distinct = sorted({text for row in rows for text in row}, key=lambda text: (len(text), text))
        place = {text: number for number, text in enumerate(distinct)}
        places = torch.tensor([[place[text] for text in row] for row in rows], device=input_ids.device)
        read = self._read(distinct)
        statements = read[places[:, -1]]
        pairs = [_similarities(statements, read[others]) for others in places[:, :-1].unbind(1)]
        length = statements.own.sum(1, keepdim=True).clamp(min=1).log()
        features = torch.cat([*(pair * _SCALE for pair in pairs), statements.means * _SCALE, length], dim=1)
        return SequenceClassifierOutput(logits=self.head(features))

    def _read(self, texts: Sequence[Tokens]) -> _Texts:
        """Texts, which are sorted by length."""
        device, width = self.device, len(texts[-1])
        parts = [
            self._read_together(batch, width)
            for batch in batches(texts, READ_TOKENS.get(device.type, READ_TOKENS["cuda"]))
        ]
        return _Texts(*(torch.cat(tensors) for tensors in zip(*parts, strict=True)))

    def _read_together(self, texts: Sequence[Tokens], width: int) -> tuple[Tensor, Tensor, Tensor]:
        """Means, states and which are the text's own, filled up to ``width`` tokens."""
        ids, mask = (given.to(self.device) for given in padded_right(texts, self.config.pad_token_id))
        states = self.body(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        means = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        lengths = mask.sum(1, keepdim=True)
        numbers = torch.arange(width, device=self.device)[None]
        own = (numbers > 0) & (numbers < lengths - 1)
        room = (0, 0, 0, width - states.shape[1])
        return normalize(means, dim=-1), pad(normalize(states, dim=-1), room), own


def encoder_body(config: Any) -> Any:
    """The encoder of a configuration, without the pooler of its first token, which no reward model reads."""
    body = AutoModel.from_config(config)
    if getattr(body, "pooler", None) is not None:
        body.pooler = None
    return body


def texts_of(row: Sequence[int], end: int) -> list[Tokens]:
    """The texts of a row, each between the marks of a whole one."""
    ends = [place for place, token in enumerate(row) if token == end]
    return [(row[0], *row[before + 1 : after], end) for before, after in zip([0, *ends[:-1]], ends, strict=True)]


def _similarities(statements: _Texts, others: _Texts) -> Tensor:
    """[row, 3]: of their means; of each token of the statement with the most similar of the other text, averaged; the reverse."""
    each = statements.states @ others.states.transpose(1, 2)  # [row, token of the statement, token of the other]
    said = each.masked_fill(~others.own[:, None], _HIDDEN).amax(2)
    heard = each.masked_fill(~statements.own[:, :, None], _HIDDEN).amax(1)
    whole = (statements.means * others.means).sum(1)
    return torch.stack([whole, _mean(said, statements.own), _mean(heard, others.own)], dim=1)


def _mean(values: Tensor, own: Tensor) -> Tensor:
    """[row], of the tokens [row, token] that are a text's own; 0 where none is."""
    return (values * own).sum(1) / own.sum(1).clamp(min=1)
