"""`Games`: what DERs of one region are chosen for, many side by side: the loads of the feeder, the offers, and a demand.

A game is one moment. The demand D is what the region takes beyond its schedule; DERs of the region cover it, and what they leave
comes from the main feeder at the balancing price, twice the reference price.

Source of the ratio: the article on distributed optimal power flow with dynamic microgrids, case study on 123 nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from tieline.errors import InputError, ShapeError
from tieline.typing import BoolArray, FloatArray, IntArray

BALANCING_RATIO = 2.0
"""Balancing price over reference price."""


@dataclass(frozen=True, eq=False)
class Games:
    """Games of one region; DERs are those of its `ChoiceModel`, in that order.

    Attributes:
        load_kw, load_kvar: consumption of every load of the feeder, (game, load) [kW, kvar].
        schedule_kw: what was scheduled for each load, (game, load) [kW].
        offer: price asked by each DER, (game, der) [currency/kWh].
        p_max_kw: what each DER can inject, 0 where it is away, (game, der) [kW].
        demand_kw: D, what is to be covered, (game,) [kW]; nothing is bought where it is negative.
        reference_price: l0, (game,) [currency/kWh].
        taps: tap positions that the regulators keep, (game, regulator).
    """

    load_kw: FloatArray
    load_kvar: FloatArray
    schedule_kw: FloatArray
    offer: FloatArray
    p_max_kw: FloatArray
    demand_kw: FloatArray
    reference_price: FloatArray
    taps: IntArray

    def __len__(self) -> int:
        """Number of games."""
        return len(self.demand_kw)

    @cached_property
    def balancing_price(self) -> FloatArray:
        """lu, (game,) [currency/kWh]."""
        return BALANCING_RATIO * self.reference_price

    @cached_property
    def wanted_kw(self) -> FloatArray:
        """The demand, or nothing where it is negative, (game,) [kW]."""
        return np.maximum(self.demand_kw, 0.0)

    @property
    def bill(self) -> FloatArray:
        """lu D, what the demand costs without DERs, (game,) [currency/h]."""
        return self.balancing_price * self.wanted_kw

    @property
    def has_one_offer(self) -> BoolArray:
        """Whether all DERs that are there ask the same, (game,)."""
        is_there = self.p_max_kw > 0
        highest = np.where(is_there, self.offer, -np.inf).max(axis=1)
        lowest = np.where(is_there, self.offer, np.inf).min(axis=1)
        return highest <= lowest

    @cached_property
    def is_coverable(self) -> BoolArray:
        """Whether all DERs together cover the demand, (game,)."""
        return self.p_max_kw.sum(axis=1) >= self.wanted_kw

    @classmethod
    def joined(cls, parts: Sequence[Games]) -> Games:
        """Games of one region put together; at least one part."""
        arrays = {}
        for field in fields(cls):
            blocks = [getattr(part, field.name) for part in parts]
            arrays[field.name] = np.concatenate(blocks)
        return cls(**arrays)

    def take(self, rows: IntArray | slice) -> Games:
        """Some of the games."""
        parts = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        return replace(self, **parts)


def require_games(games: Games, n_loads: int, n_ders: int, n_regulators: int) -> None:
    """Check games against the model that plays them; all that is wrong is told together.

    Raises:
        ShapeError: if an array does not fit.
        InputError: if a number is not finite, a price not positive, or a limit negative.
    """
    widths = {
        "load_kw": n_loads,
        "load_kvar": n_loads,
        "schedule_kw": n_loads,
        "offer": n_ders,
        "p_max_kw": n_ders,
        "taps": n_regulators,
    }
    _require_shapes(games, widths)
    if not len(games):
        raise InputError("There is no game to play. Give at least one.")
    problems = []
    for field in fields(games):
        is_finite = np.isfinite(getattr(games, field.name))
        if not is_finite.all():
            problems.append(f"{field.name} holds a number that is not finite")
    if (games.reference_price <= 0).any():
        # At a price of zero or below a loss costs nothing or earns: filling by c + l0 LF is then no optimum.
        problems.append(
            "reference_price is not above 0 everywhere; leave such moments to the optimal power flow"
        )
    if (games.offer < 0).any():
        problems.append("offer is negative somewhere; clear such DERs first")
    if (games.p_max_kw < 0).any():
        problems.append("p_max_kw is negative somewhere; give 0 for a DER that is away")
    if problems:
        listed = "; ".join(problems)
        raise InputError(f"Games cannot be played: {listed}.")


def _require_shapes(games: Games, widths: dict[str, int]) -> None:
    count = len(games.demand_kw)
    expected: dict[str, tuple[int, ...]] = {"reference_price": (count,)}
    for name, width in widths.items():
        expected[name] = (count, width)
    problems = []
    for name, expected_shape in expected.items():
        shape = getattr(games, name).shape
        if shape != expected_shape:
            problems.append(f"{name} has shape {shape}, expected {expected_shape}")
    if problems:
        listed = "; ".join(problems)
        raise ShapeError(f"Games do not fit the region: {listed}.")
