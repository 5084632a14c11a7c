"""A line that may lose no more than so much: kept on AC, priced, and the AC optimum agrees."""

from __future__ import annotations

import dataclasses

import pytest

from minute_cases import ieee69_minute, line_between
from tieline.errors import InputError
from tieline.opf.balancing import AcOptimum, clear
from tieline.opf.balancing.loss_limits import with_loss_limits

pytest.importorskip("highspy")


def test_the_loss_of_a_line_is_kept() -> None:
    """The line 9-10 loses 5.4 kW with 56 and 54 serving bus 15; DERs behind it take part of that off."""
    free = clear(ieee69_minute(45, 5, None))
    network = free.minute.network
    name = line_between(network.feeder, "9", "10")
    element = network.element_index["line", name]
    lost_kw = float(free.solution.element_loss_kva[0, element].real)
    highest_kw = lost_kw - 0.1
    limits = with_loss_limits(network, free.minute.limits, {name: highest_kw})
    minute = dataclasses.replace(free.minute, limits=limits)
    clearing = clear(minute)
    loss_kw = float(clearing.solution.element_loss_kva[0, element].real)
    # A miss is measured against one per unit, as of all limits in kW: 1e-6 of 1000 kW.
    assert loss_kw == pytest.approx(highest_kw, abs=1e-3)
    assert clearing.binding == (f"line '{name}' loss",)
    assert clearing.p_kw[2] > free.p_kw[2]
    pytest.importorskip("casadi")
    best = AcOptimum().clear(minute, clearing)
    assert best.p_kw == pytest.approx(clearing.p_kw, abs=0.05)


def test_an_unknown_line_is_named() -> None:
    minute = ieee69_minute(45, 5, None)
    with pytest.raises(InputError, match="Unknown line 'branch_99' of feeder 'ieee69'"):
        with_loss_limits(minute.network, minute.limits, {"branch_99": 1.0})
