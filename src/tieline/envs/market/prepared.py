"""`Prepared`: games with what is known of them before any DER is chosen, from one power flow and one adjoint each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from tieline.envs.market.games import Games
from tieline.typing import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Prepared:
    """Games before any choice.

    Attributes:
        games: the games.
        loss_kw: of the feeder, (game,).
        loss_factor: LF of each DER by the AC adjoint, (game, der) [kW/kW].
        unit_cost: u = c + l0 LF, (game, der) [currency/kWh].
        use: share of each watched limit, (game, row).
        inflow_kw, outflow_kw: what enters the region over its borders, and what leaves it, (game,).
        solved: whether the power flow has a solution, (game,); elsewhere the rest is NaN.
    """

    games: Games
    loss_kw: FloatArray
    loss_factor: FloatArray
    unit_cost: FloatArray
    use: FloatArray
    inflow_kw: FloatArray
    outflow_kw: FloatArray
    solved: BoolArray

    def __len__(self) -> int:
        """Number of games."""
        return len(self.games)

    def take(self, rows: IntArray | slice) -> Prepared:
        """Some of the games."""
        parts = {name: getattr(self, name)[rows] for name in PARTS}
        return Prepared(games=self.games.take(rows), **parts)


PARTS = tuple(field.name for field in fields(Prepared) if field.name != "games")
"""The arrays of `Prepared`."""


def joined(games: Games, parts: Sequence[Prepared]) -> Prepared:
    """Blocks of games put together again."""
    arrays = {}
    for name in PARTS:
        blocks = [getattr(part, name) for part in parts]
        arrays[name] = np.concatenate(blocks)
    return Prepared(games=games, **arrays)
