"""Pay of people: by the hour, for a session, for every screen answered, and for finishing; all that are given add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import Field, model_validator

from simcons.records import Outcome
from simcons.scenario.minds import Share
from simcons.scenario.parameters import StrictModel

Amount: TypeAlias = Annotated[float, Field(ge=0, le=100_000)]

_INSTEAD = (
    "gbp_per_session",
    "gbp_per_screen",
    "gbp_bonus",
)  # with one of these given, there is no pay by the hour by default
_SENT_AWAY: frozenset[Outcome] = frozenset({"screened_out", "turned_away"})
_STAYED: frozenset[Outcome] = frozenset({"finished", "group_ended"})  # as long as they were let


@dataclass(frozen=True, slots=True)
class Earned:
    """GBP by what they are for."""

    time: float = 0.0
    session: float = 0.0
    screens: float = 0.0
    bonus: float = 0.0
    sent_away: float = 0.0

    @property
    def total(self) -> float:
        return self.time + self.session + self.screens + self.bonus + self.sent_away


class PaySettings(StrictModel):
    """Pay and the costs on top. All of these that are given add up; without one of the first four it is the hour's pay alone.

    Paid in full are all who stay as long as they are let: to the end, or until their group has become too small to go on.
    """

    gbp_per_hour: Amount = Field(
        15.0,
        description="for the time from consent to leaving, waiting included; 0 if left out while another kind of pay is given",
    )
    gbp_per_session: Amount = Field(0.0, description="a flat fee for taking part in a session")
    gbp_per_screen: Amount = Field(
        0.0,
        description="for every screen with an answer: a position, an opinion, a statement rated in one pass, a ranking",
    )
    gbp_bonus: Amount = Field(0.0, description="for finishing: not for those whose group ended early")
    dropouts: Share | bool = Field(
        False,
        description="share of the first three that people get who drop out of a session; false, as on platforms where who returns"
        " a study is not paid for it: none; true: all",
    )
    gbp_sent_away: Amount = Field(
        0.0,
        description="to everyone who is screened out, or turned away as groups are full; those who have waited after consent are"
        " paid for that by the hour too. Platforms that pay for being screened out want .10 at least",
    )
    platform_fee: Amount = Field(0.333, description="share of pay: .333 academic, .428 corporate [L]")
    vat: Amount = Field(0.2, description="share of the fee")
    vat_on_fee: bool = Field(False, description="true: there is VAT on the platform's fee")

    @model_validator(mode="before")
    @classmethod
    def _hours_unless_otherwise(cls, given: Any) -> Any:
        if isinstance(given, dict) and "gbp_per_hour" not in given and any(key in given for key in _INSTEAD):
            return {**given, "gbp_per_hour": 0.0}
        return given

    def share(self, outcome: Outcome) -> float:
        """The share of their pay for time, session and screens that people with this outcome get."""
        if outcome == "dropped_out":
            return float(self.dropouts)
        return float(outcome in _STAYED)

    def paid_share_of_time(self, outcome: Outcome) -> float:
        """As `share`; those who are turned away get it for the time that they waited."""
        return 1.0 if outcome == "turned_away" else self.share(outcome)

    def fee_and_vat(self, gbp: float) -> tuple[float, float]:
        """The platform's fee on people's pay, and the VAT on this fee."""
        fee = gbp * self.platform_fee
        return fee, fee * self.vat if self.vat_on_fee else 0.0

    def earned(self, outcome: Outcome, paid_seconds: float, *, n_people: int = 1, n_screens: int = 0) -> Earned:
        """The pay of all people of one outcome together. paid_seconds: the share of their time that counts, in all."""
        share = self.share(outcome)
        return Earned(
            time=paid_seconds / 3600 * self.gbp_per_hour,
            session=n_people * share * self.gbp_per_session,
            screens=n_screens * share * self.gbp_per_screen,
            bonus=n_people * self.gbp_bonus if outcome == "finished" else 0.0,
            sent_away=n_people * self.gbp_sent_away if outcome in _SENT_AWAY else 0.0,
        )
