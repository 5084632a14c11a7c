"""Costs that a reader left out, told apart by whose they are; an optimum without them is refused."""

from __future__ import annotations

import pytest

from builders import two_bus
from tieline.errors import InputError
from tieline.feeders import Feeder, Finding
from tieline.feeders.elements import Generator
from tieline.feeders.unread_costs import unread_der_costs, unread_source_cost
from tieline.network import Network
from tieline.opf import make_problem


def with_notes(*components: str, code: str = "PANDAPOWER.COST_DROPPED") -> Feeder:
    """Two buses and a generator, with a note about each component."""
    generator = Generator("roof top", "b", (1, 0), "wye", 12.66, rated_kva=100.0)
    notes = tuple(
        Finding(code, "warning", component, "its cost is left out.")
        for component in components
    )
    return two_bus().replace(generators=(generator,), notes=notes)


def test_whose_cost_was_left_out() -> None:
    feeder = with_notes("sgen roof top", "ext_grid grid", "storage elsewhere")
    assert list(unread_der_costs(feeder)) == ["roof top"]
    source = unread_source_cost(feeder)
    assert source is not None
    assert source.component == "ext_grid grid"


def test_other_notes_about_costs_stand_in_no_optimums_way() -> None:
    feeder = with_notes(
        "sgen roof top", "ext_grid grid", code="PANDAPOWER.COST_CONSTANT"
    )
    assert (unread_der_costs(feeder), unread_source_cost(feeder)) == ({}, None)


def test_a_problem_needs_the_cost_that_was_left_out() -> None:
    network = Network.from_feeder(with_notes("sgen roof top"))
    with pytest.raises(
        InputError, match=r"no optimum without them\. Give `cost`(?s:.*)roof top"
    ):
        make_problem(network, price=0.1)
    assert make_problem(network, price=0.1, cost=0.07).ders.cost.tolist() == [[0.07]]
