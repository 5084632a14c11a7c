"""A lateral's equivalent has its loss, and its rating is reached at the same power."""

from __future__ import annotations

import numpy as np
import pytest

from tieline import Network, solve
from tieline.feeders import Feeder
from tieline.feeders.elements import Bus, Line, LineCode, Load, Source
from tieline.feeders.equivalent import equivalent

KV = 4.16


def lateral(phases: tuple[int, ...], neutral: bool = False) -> Feeder:
    """Equal loads at the end of a line of some phases, and a neutral that is earthed at its ends."""
    conductors = (*phases, 0) if neutral else phases
    size = len(conductors)
    z = tuple(tuple(0.4 if i == j else 0.1 for j in range(size)) for i in range(size))
    none = tuple((0.0,) * size for _ in range(size))
    code = LineCode("lateral", z, z, none, rating_a=100.0)
    every = (1, 2, 3)
    return Feeder(
        name="lateral",
        buses=(Bus("a", every, KV), Bus("b", phases, KV)),
        sources=(Source("grid", "a", every, KV),),
        lines=(Line("ab", "a", "b", conductors, conductors, code, 0.5),),
        loads=(Load("load", "b", (*phases, 0), "wye", KV / 3**0.5, 60.0, 20.0),),
    )


@pytest.mark.parametrize("phases", [(1,), (3,), (1, 2, 3)])
def test_loss_drop_and_loading_of_a_lateral(phases: tuple[int, ...]) -> None:
    whole = solve(Network.from_feeder(lateral(phases)))
    alike = solve(Network.from_feeder(equivalent(lateral(phases))))
    assert alike.loss_kw[0] == pytest.approx(whole.loss_kw[0], rel=1e-6)
    assert alike.vm_pu[0, -1] == pytest.approx(whole.vm_pu[0, -1], abs=1e-9)
    loading = np.nanmax(whole.loading_pct[0])
    assert np.nanmax(alike.loading_pct[0]) == pytest.approx(loading, rel=1e-6)


def test_two_phases_lose_what_symmetrical_voltages_would() -> None:
    """Drops turn the voltages of two phases apart, which no equivalent has: its loss is near, not the same."""
    whole = solve(Network.from_feeder(lateral((2, 3))))
    alike = solve(Network.from_feeder(equivalent(lateral((2, 3)))))
    assert alike.loss_kw[0] == pytest.approx(whole.loss_kw[0], rel=1e-3)
    assert alike.vm_pu[0, -1] == pytest.approx(whole.vm_pu[0, -2:].mean(), abs=1e-5)


def test_order_of_phases_makes_no_other_code() -> None:
    """One code, two orders of phases: the equivalents are one code, which tables insist on."""
    (first,) = equivalent(lateral((1, 2, 3))).lines
    (second,) = equivalent(lateral((3, 1, 2))).lines
    assert first.code == second.code
