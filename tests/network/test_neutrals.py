"""What is a neutral, and what is a phase of a second circuit that has a number above 3 too."""

from __future__ import annotations

import dataclasses

from builders import KV_LL, single_code, two_wire
from tieline.feeders.elements import Bus, Line
from tieline.feeders.feeder import Feeder
from tieline.network import Network
from tieline.network.neutrals import neutral_nodes
from tieline.network.voltage_points import voltage_points


def two_circuits(second_is_closed: bool = True) -> Feeder:
    """The two-wire feeder with a second circuit beside the first: node 5 of bus b, fed from the same phase of the source."""
    feeder = two_wire()
    second = Line(
        "second", "a", "b", (1,), (5,), single_code(0.1, 0.0), closed=second_is_closed
    )
    return feeder.replace(
        buses=(Bus("a", (1,), KV_LL), Bus("b", (1, 4, 5), KV_LL)),
        lines=(*feeder.lines, second),
    )


def names(network: Network) -> list[str]:
    return [network.node_names[k] for k in neutral_nodes(network)]


def test_the_wire_at_the_electrode_is_a_neutral_and_the_second_circuit_is_not() -> None:
    network = Network.from_feeder(two_circuits())
    assert names(network) == ["b.4"]
    assert voltage_points(network).names == ("a.1", "b.1", "b.5")


def test_a_circuit_behind_an_open_line_is_no_neutral() -> None:
    network = Network.from_feeder(two_circuits(second_is_closed=False))
    assert names(network) == ["b.4"]


def test_phases_are_none_though_they_are_short_circuited() -> None:
    feeder = two_wire()
    (load,) = feeder.loads
    short = dataclasses.replace(load, nodes=(1, 0), p_kw=1e6)
    network = Network.from_feeder(feeder.replace(loads=(short,)))
    assert "b.1" not in names(network)
