"""`Offer`: what a participant would do with one device in one interval, in blocks of power with a price each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal, NamedTuple

from tieline.service.store.refusals import Refusal

Direction = Literal["discharge", "charge"]


class Block(NamedTuple):
    """So much power at this price: asked for what is discharged, paid for what is charged."""

    p_kw: float
    price_per_kwh: float


@dataclass(frozen=True)
class Offer:
    """An offer of one device.

    Attributes:
        device: its name in the market's definition.
        blocks: powers [kW], each on top of those before it, and prices [currency/kWh].
        direction: "discharge" gives power to the feeder, "charge" takes it.
    """

    device: str
    blocks: tuple[Block, ...]
    direction: Direction = "discharge"

    @property
    def p_kw(self) -> float:
        """All that is offered [kW]."""
        return sum(block.p_kw for block in self.blocks)

    def to_plain(self) -> dict[str, Any]:
        """As plain values, from which `read_offer` makes it again."""
        # `dataclasses.asdict` copies every number: a book of 1000 bids would take a tenth of a second
        blocks = [list(block) for block in self.blocks]
        return {"device": self.device, "blocks": blocks, "direction": self.direction}


def make_offer(
    device: str,
    blocks: Sequence[tuple[float, float]],
    direction: Direction = "discharge",
) -> Offer:
    """An offer, checked.

    Raises:
        Refusal: with everything that is wrong with it.
    """
    problems = [
        f"block {number} of device '{device}' has {p_kw} kW at {price} per kWh"
        for number, (p_kw, price) in enumerate(blocks, start=1)
        if not (isfinite(p_kw) and isfinite(price) and p_kw > 0)
    ]
    if not blocks:
        problems.append(f"device '{device}' offers no block")
    if direction not in ("discharge", "charge"):
        problems.append(f"device '{device}' has direction '{direction}'")
    if problems:
        raise Refusal(
            f"Offer refused: {'; '.join(problems)}. Give finite prices, powers above 0, and discharge or charge."
        )
    return Offer(device, tuple(Block(*block) for block in blocks), direction)


def read_offer(plain: dict[str, Any]) -> Offer:
    """The offer of what `to_plain` gave."""
    blocks = tuple(Block(*block) for block in plain["blocks"])
    return Offer(plain["device"], blocks, plain["direction"])
