"""What is known of people before they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from simcons.arrays import Floats, Ints

UNKNOWN = -1  # for a code


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of each of n people, in the order of a population.

    codes: by axis, into CATEGORIES, UNKNOWN where it is not; age: years, NaN; work: codes; children: 0, 1 or UNKNOWN; values:
    [n, 6], NaN; row: where the table has the person, from 1.
    """

    codes: Mapping[str, Ints]
    age: Floats
    work: Ints
    children: Ints
    values: Floats
    row: Ints

    def of(self, people: Ints) -> Known:
        """The same of some of them, who may be there more than once."""
        return Known(
            {axis: codes[people] for axis, codes in self.codes.items()},
            self.age[people],
            self.work[people],
            self.children[people],
            self.values[people],
            self.row[people],
        )

    def circumstances(self, drawn: Mapping[str, Any]) -> dict[str, Any]:
        """The circumstances that were drawn, those that are known in their place."""
        return {
            **drawn,
            "work": np.where(self.work == UNKNOWN, drawn["work"], self.work),
            "children": np.where(self.children == UNKNOWN, drawn["children"], self.children == 1),
        }
