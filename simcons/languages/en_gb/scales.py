"""English: questions about a statement, and the labels of the answers."""

from __future__ import annotations

from collections.abc import Mapping

from simcons.languages.scales import ScaleWords
from simcons.scale import AGREEMENT, QUALITY, REPRESENTED, Scale

_AGREEING = (
    "strongly disagree",
    "disagree",
    "somewhat disagree",
    "neutral",
    "somewhat agree",
    "agree",
    "strongly agree",
)
SCALES: Mapping[Scale, ScaleWords] = {
    AGREEMENT: ScaleWords("How far do you agree or disagree with this statement?", _AGREEING),
    QUALITY: ScaleWords(
        "Leaving aside whether you agree or disagree with it, how good or poor is the quality of this statement?",
        ("terrible", "poor", "somewhat poor", "neutral", "somewhat good", "good", "excellent"),
    ),
    REPRESENTED: ScaleWords(
        'How far do you agree or disagree with this: "This statement represents my view"?', _AGREEING
    ),
}
