"""Shares, sets and ratings of a transfer."""

from __future__ import annotations

from typing import Any

import pytest

from tieline.errors import InputError
from tieline.feeders import load_feeder
from tieline.studies.transfer_capability.config import TransferCapabilityConfig
from tieline.studies.transfer_capability.world.transfer import make_transfer

IEEE33 = load_feeder("ieee33")


def config(**values: Any) -> TransferCapabilityConfig:
    """A configuration of the 33-bus feeder."""
    return TransferCapabilityConfig(**values)


def test_receivers_share_by_nominal_load() -> None:
    """Buses 24 and 25 have 420 kW each, bus 18 has 90 kW."""
    transfer = make_transfer(IEEE33, config(to_buses="24, 25,18", power_factor=0.8))
    assert transfer.load_kw[-3:].tolist() == pytest.approx(
        [420 / 930, 420 / 930, 90 / 930]
    )
    assert transfer.load_kvar[-3:] == pytest.approx(0.75 * transfer.load_kw[-3:])
    assert transfer.load_kw[:-3].sum() == 0
    assert transfer.senders == (IEEE33.source.bus,)
    assert len(transfer.der_kw) == 0


def test_senders_generate_evenly_and_the_source_does_its_part_itself() -> None:
    transfer = make_transfer(IEEE33, config(from_buses="1,18,22", to_buses="33"))
    assert transfer.der_kw.tolist() == pytest.approx([1 / 3, 1 / 3])
    assert [unit.bus for unit in transfer.feeder.generators] == ["18", "22"]


def test_power_can_be_sent_to_the_source() -> None:
    transfer = make_transfer(IEEE33, config(from_buses="18", to_buses="1"))
    assert (transfer.load_kw.sum(), transfer.der_kw.tolist()) == (0.0, [1.0])


def test_all_loads_receive_if_no_bus_is_named() -> None:
    transfer = make_transfer(IEEE33, config())
    assert transfer.load_kw.sum() == pytest.approx(1.0)
    assert len(transfer.receivers) == 32


def test_devices_of_a_delta_section_sit_between_phases() -> None:
    transfer = make_transfer(load_feeder("ieee37"), config(to_buses="725"))
    assert (transfer.feeder.loads[-1].connection, transfer.feeder.loads[-1].nodes) == (
        "delta",
        (1, 2, 3),
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"to_buses": "99x"}, "Unknown bus '99x' of feeder 'ieee33'"),
        ({"from_buses": "18,33", "to_buses": "33"}, "'33' stands in both"),
        ({"from_buses": "1", "to_buses": "1"}, "'1' stands in both"),
        ({"to_buses": " , "}, "to_buses names no bus"),
    ],
)
def test_bad_sets_are_named(values: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make_transfer(IEEE33, config(**values))
