"""Current sources of an equivalent: their positive sequence, whose power is that of all phases together."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.feeders.elements import CurrentSource
from tieline.feeders.equivalent import equivalent
from tieline.feeders.equivalent.current_sources import equivalent_current_sources

EVEN = CurrentSource("k", "b", (1, 2, 3), 12.0, 40.0)


@pytest.mark.parametrize(
    ("source", "current_a", "angle_deg"),
    [
        (EVEN, 12.0, 40.0),
        (CurrentSource("k", "b", (2,), 12.0, -80.0), 4.0, 40.0),
        (CurrentSource("k", "b", (3, 1, 2), 12.0, -200.0), 12.0, 40.0),
        (CurrentSource("k", "b", (1, 4), 12.0, 40.0), 4.0, 40.0),
    ],
)
def test_positive_sequence(
    source: CurrentSource, current_a: float, angle_deg: float
) -> None:
    (one,) = equivalent_current_sources([source])
    assert (one.nodes, one.current_a) == ((1,), pytest.approx(current_a))
    assert one.angle_deg == pytest.approx(angle_deg)


def test_other_sequences_are_gone() -> None:
    turned = (40.0, 160.0, 280.0)
    backwards = CurrentSource("n", "b", (1, 2, 3), 12.0, 40.0, turned)
    together = CurrentSource("z", "b", (1, 2, 3), 12.0, 40.0, (40.0,) * 3)
    assert list(equivalent_current_sources([backwards, together])) == []


def test_it_gives_the_power_that_it_gave() -> None:
    """Behind a transformer that turns voltages by 30 degrees, where the angle of the current counts from the source."""
    feeder = load_feeder("ieee13").replace(regulators=())
    placed = CurrentSource("k", "670", (1, 2, 3), 20.0, 10.0)
    driven = feeder.replace(current_sources=(placed,))
    balanced = equivalent(driven)
    ours = balanced.solve().current_source_kva[0, 0]
    full = driven.solve(controls="off").current_source_kva[0, 0]
    # the loads of the feeder are uneven, so its voltages are not those of the equivalent
    assert ours == pytest.approx(full, rel=0.05)
