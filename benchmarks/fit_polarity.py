"""How near to a denial is near enough: `python benchmarks/fit_polarity.py` prints what `_CLEAR_LEAN` was chosen from.

Each wording of the bank is read by a reader that does not know it, and each denial with every sixth word missing. No
words are looked at, only how much nearer a text comes to the claim's denial than to its nearest wording.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simcons.engines.base import Encode
from simcons.engines.local.encoder import SentenceEncoder
from simcons.languages.en_gb import EN_GB
from simcons.questions.bank import Question, load_bank
from simcons.questions.matching import COMBINED, Matcher

ROOT = Path(__file__).parent.parent
LEANS = (0.2, 0.3, 0.4, 0.5, 0.6)
N_WORDINGS = 3  # those that every claim has
ASSERTED_A_DENIAL = 183 / 40  # claims labelled 1 for each labelled -1 in benchmarks/reader/dev.yaml


def main() -> None:
    encode = remembered(SentenceEncoder().encode)
    bank = load_bank(ROOT / "scenarios" / "questions" / "core")
    asserted = np.concatenate([leans for question in bank for leans in held_out_leans(question, encode)])
    denied = np.concatenate([cut_denial_leans(question, encode) for question in bank])
    print(f"{len(asserted)} held-out wordings and {len(denied)} cut denials found")
    print("lean  wordings read as denied  denials read as asserted  wrong of all, in the shares of dev")
    for lean in LEANS:
        false, missed = float(np.mean(asserted > lean)), float(np.mean(denied <= lean))
        wrong = (ASSERTED_A_DENIAL * false + missed) / (ASSERTED_A_DENIAL + 1)
        print(f"{lean:.1f}   {false:.3f}                    {missed:.3f}                     {wrong:.3f}")


def held_out_leans(question: Question, encode: Encode) -> Iterator[npt.NDArray[np.float64]]:
    """Leans of the first, second, third wordings of the claims, each unknown to the matcher, where they are found."""
    for left_out in range(N_WORDINGS):
        claims = [
            claim.model_copy(update={"wordings": [*claim.wordings[:left_out], *claim.wordings[left_out + 1 :]]})
            for claim in question.claims
        ]
        known = question.model_copy(update={"claims": claims})
        yield found_leans(known, [claim.wordings[left_out] for claim in question.claims], encode)


def cut_denial_leans(question: Question, encode: Encode) -> npt.NDArray[np.float64]:
    return found_leans(question, [cut(claim.denial) for claim in question.claims], encode)


def found_leans(question: Question, texts: list[str], encode: Encode) -> npt.NDArray[np.float64]:
    """Leans of texts, one for each claim in order, that come near enough to their claim."""
    near = Matcher(question, EN_GB.text, encode, COMBINED).closeness(texts, range(len(texts)))
    return near.denial_lean.diagonal()[near.score.diagonal() > COMBINED.threshold]


def cut(text: str) -> str:
    return " ".join(word for i, word in enumerate(text.split()) if i % 6 != 2)


def remembered(encode: Encode) -> Encode:
    """The encoder, each text embedded once: the same wordings come back in every fold."""
    known: dict[str, npt.NDArray[np.float32]] = {}

    def look_up(texts: Sequence[str]) -> npt.NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, encode(new), strict=True))
        return np.stack([known[text] for text in texts])

    return look_up


if __name__ == "__main__":
    main()
