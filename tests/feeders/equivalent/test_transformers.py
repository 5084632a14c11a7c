"""Banks and connections of a single-phase equivalent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from island_cases import balanced_feeder

from tieline import Network, solve
from tieline.feeders import Feeder, FeederError
from tieline.feeders.elements import Transformer, Winding
from tieline.feeders.equivalent import equivalent
from tieline.feeders.equivalent.transformers import equivalent_transformers

KV = 12.66


def bank(kva: tuple[float, ...] = (500.0, 500.0, 500.0)) -> Feeder:
    """The balanced feeder behind three units of one phase."""
    units = []
    for phase, unit_kva in enumerate(kva, start=1):
        windings = (
            Winding("a", (phase, 0), "wye", KV / 3**0.5, unit_kva, 0.5),
            Winding("b", (phase, 0), "wye", 4.16 / 3**0.5, unit_kva, 0.5, tap=1.02),
        )
        units.append(
            Transformer(f"unit{phase}", 1, windings, (5.0,), rating_kva=unit_kva)
        )
    return balanced_feeder().replace(transformers=tuple(units))


def test_a_bank_is_one_transformer_of_three_times_the_rating() -> None:
    (unit,) = equivalent_transformers(bank())
    assert unit.rating_kva == 1500.0
    whole = solve(Network.from_feeder(bank()))
    alike = solve(Network.from_feeder(equivalent(bank())))
    assert alike.vm_pu[0, -1] == pytest.approx(whole.vm_pu[0, -1], abs=1e-8)
    assert alike.loss_kw[0] == pytest.approx(whole.loss_kw[0], rel=1e-6)


def test_units_that_differ_are_no_balanced_bank() -> None:
    with pytest.raises(FeederError, match="units that differ"):
        equivalent(bank((500.0, 500.0, 300.0)))


@pytest.mark.parametrize("low_side_leads", [False, True])
def test_the_shift_is_that_of_the_connections(low_side_leads: bool) -> None:
    feeder = balanced_feeder()
    (unit,) = feeder.transformers
    leading = replace(unit, low_side_leads=low_side_leads)
    feeder = feeder.replace(transformers=(leading,))
    whole = solve(Network.from_feeder(feeder))
    alike = solve(Network.from_feeder(equivalent(feeder)))
    assert alike.v_pu[0, -1] == pytest.approx(whole.v_pu[0, -3], abs=1e-7)
