"""What is shorted out: buses become one, what hung on them stays, two voltage levels do not."""

from __future__ import annotations

import pytest

from tieline import Network, load_feeder, solve
from tieline.errors import InputError
from tieline.feeders.bypass import bypass


def test_a_regulator_bank_by_the_names_of_its_regulators() -> None:
    """The buses 799 and 799r of IEEE 37 become 799, with the jumper between them."""
    feeder = load_feeder("ieee37")
    bypassed = bypass(feeder, ["creg1a", "CREG1C"])
    names = {bus.name for bus in bypassed.buses}
    assert {bus.name for bus in feeder.buses} - names == {"799r"}
    assert not bypassed.regulators
    assert {line.name for line in feeder.lines} - {
        line.name for line in bypassed.lines
    } == {"jumper"}
    assert next(line for line in bypassed.lines if line.name == "l35").from_bus == "799"
    assert bypassed.loads == feeder.loads
    assert solve(Network.from_feeder(bypassed)).converged.all()


def test_a_line_in_a_chain_keeps_the_first_bus_of_all() -> None:
    feeder = load_feeder("ieee33")
    chain = [line for line in feeder.lines if line.closed][:2]
    bypassed = bypass(feeder, [line.name for line in chain])
    gone = {bus.name for bus in feeder.buses} - {bus.name for bus in bypassed.buses}
    assert gone == {"2", "3"}
    assert len(bypassed.loads) == len(feeder.loads)
    assert {load.bus for load in bypassed.loads[:2]} == {"1"}


def test_what_cannot_be_bypassed() -> None:
    feeder = load_feeder("ieee37")
    with pytest.raises(InputError, match=r"4.8 kV and 230 kV"):
        bypass(feeder, ["subxf"])
    with pytest.raises(InputError, match=r"'creg1'.*'creg1a'"):
        bypass(feeder, ["creg1"])
