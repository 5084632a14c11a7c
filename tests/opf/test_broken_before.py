"""Limits that are broken before the DERs act: kept where set-points can, else held to what there is before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tieline import Network, load_feeder, run_study, solve
from tieline.errors import NoAnswerError
from tieline.opf.broken_before import outside_before, with_room
from tieline.opf.make_problem import network_limits


def test_only_what_is_broken_gives_way() -> None:
    """ieee13 as it stands: the regulator lifts two phases of rg60 above 1.05 pu, the transformer has more than its kVA."""
    network = Network.from_feeder(load_feeder("ieee13"))
    limits = network_limits(network, 0.95, 1.05, "rated")
    solution = solve(network)
    vm_pu = limits.points.magnitude_pu(solution.v_pu)[0]
    flow = limits.flows.values(solution)[0]
    outside = outside_before(limits, vm_pu, flow)
    places = {(one.limit, one.place) for one in outside}
    assert ("voltage-high", "rg60.1") in places
    assert ("transformer-loading", "transformer xfm1") in places
    widened = with_room(limits, vm_pu, flow)
    is_high = vm_pu > 1.05
    assert widened.v_max_pu[is_high] == pytest.approx(vm_pu[is_high] + 0.00105)
    assert (widened.v_max_pu[~is_high] == 1.05).all()
    assert (widened.v_min_pu == 0.95).all()
    is_over = flow > limits.flows.limit
    changed = widened.flows.limit != limits.flows.limit
    np.testing.assert_array_equal(changed, is_over)
    assert widened.flows.over(flow).max() < 0


ASKED: dict[str, Any] = {"feeder": "ieee13", "ders_at_loads": "2:50@0.2"}


def test_an_optimum_where_two_small_ders_cannot_mend_a_regulator() -> None:
    result = run_study("optimal-power-flow", **ASKED)
    assert result.metrics["held_to_before"] == "yes"
    assert result.metrics["violations"] == 0
    assert "rg60.1" in set(result.tables["broken_before"]["place"])
    assert any("bus rg60, phase 1 (1.0560 pu)" in text for text in result.warnings)
    with pytest.raises(NoAnswerError, match="smallest relaxation"):
        run_study("optimal-power-flow", **ASKED, broken_before="stop")


def test_what_set_points_can_mend_is_mended() -> None:
    """The end of ieee33 is at 0.913 pu before: with enough at the end of its branches no limit has to give way."""
    asked: dict[str, Any] = {
        "feeder": "ieee33",
        "ders": "18:1500@0.2,33:1500@0.2,14:900@0.2",
    }
    result = run_study("optimal-power-flow", **asked, limits="ansi-a")
    assert result.metrics["broken_before"] == 21
    assert result.metrics["held_to_before"] == "no"
    assert result.number("v_low_pu") > 0.95 - 1e-6
