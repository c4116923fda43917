"""The scale of all ratings: whole points from 1 to 7. Appraisals lie on it too, without its bounds."""

from __future__ import annotations

LOWEST, HIGHEST = 1, 7
MIDPOINT = 4.0
