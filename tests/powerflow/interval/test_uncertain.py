"""Variables of an interval: which there are, where they reach, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from builders import two_bus
from tieline.errors import InputError, NotConvergedError
from tieline.feeders import load_feeder
from tieline.network import Network
from tieline.powerflow.interval.uncertain import uncertain_powers

TWO_BUS = Network.from_feeder(two_bus())


def test_end_points_are_the_lowest_and_highest_power() -> None:
    uncertain = uncertain_powers(TWO_BUS, load_pct=20.0, der_pct=0.0, load_scale=0.5)
    assert uncertain.reach.tolist() == pytest.approx([100.0, 50.0])
    taken = uncertain.solve(np.array([[-1.0, 1.0], [1.0, 0.0]])).load_kva[:, 0]
    assert taken.real.tolist() == pytest.approx([400.0, 600.0])
    assert taken.imag.tolist() == pytest.approx([300.0, 250.0])


def test_a_power_of_zero_is_no_variable() -> None:
    assert (
        uncertain_powers(
            Network.from_feeder(two_bus(q_kvar=0.0)), load_pct=10.0, der_pct=0.0
        ).n_variables
        == 1
    )


def test_taps_are_held_where_the_centre_rests() -> None:
    uncertain = uncertain_powers(
        Network.from_feeder(load_feeder("ieee13")), load_pct=50.0, der_pct=0.0
    )
    corner = uncertain.solve(-1.0 + 0.0 * uncertain.reach[None, :])
    assert uncertain.centre.taps.any()
    assert (corner.taps == uncertain.centre.taps).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"load_pct": 100.0}, "load_pct is 100 %"),
        ({"load_pct": -1.0}, "load_pct is -1 %"),
        ({"load_pct": float("nan")}, "load_pct is nan %"),
        ({"der_pct": 120.0}, "der_pct is 120 %"),
        ({"load_pct": 0.0}, "Nothing is uncertain on feeder 'two-bus'"),
        ({"load_scale": [[1.0], [2.0]]}, "hold 2"),
        ({"load_model": "opendss-band"}, "corners"),
    ],
)
def test_what_cannot_be_bounded_is_named(options: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        uncertain_powers(TWO_BUS, **{"load_pct": 10.0, "der_pct": 0.0, **options})


def test_a_centre_without_answer_is_named() -> None:
    with pytest.raises(NotConvergedError, match="Reduce the load"):
        uncertain_powers(TWO_BUS, load_pct=10.0, der_pct=0.0, load_scale=1e3)
