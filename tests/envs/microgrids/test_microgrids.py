"""What lies behind a point of common coupling."""

from __future__ import annotations

import pytest

from tieline import load_feeder
from tieline.envs.microgrids.microgrids import microgrids_of
from tieline.errors import InputError


def test_each_transformer_of_the_composition_feeds_a_microgrid():
    feeder = load_feeder("ieee33-microgrids")
    microgrids = microgrids_of(feeder)
    assert [one.name for one in microgrids] == ["mg1", "mg2", "mg3", "mg4", "mg5"]
    for one in microgrids:
        assert len(one.buses) == 13
        assert all(bus.startswith(f"{one.name}_") for bus in one.buses)
        assert len(one.loads) == 8
        ders = [feeder.ders[k].name for k in one.ders]
        assert ders == [f"{one.name}_{der}" for der in ("pv", "battery", "generator")]


def test_any_element_may_be_a_point_of_coupling():
    (behind,) = microgrids_of(load_feeder("ieee33"), ["branch_25"])
    assert behind.buses == {str(bus) for bus in range(26, 34)}


@pytest.mark.parametrize(
    ("feeder", "pccs", "message"),
    [
        ("ieee33", None, "no transformer or line called NAME_pcc"),
        ("ieee33-microgrids", ["mg1_pc"], "Did you mean 'mg1_pcc'"),
        # the closed ring: an open tie alone feeds nothing
        ("ieee33", ["branch_33"], "Behind branch_33 lies no microgrid"),
        # what lies behind both would be set, and paid for, twice
        (
            "ieee33-microgrids",
            ["branch_1", "mg2_pcc"],
            "two owners: mg2_pcc lies behind branch_1. Name one",
        ),
    ],
)
def test_what_couples_nothing_is_named(
    feeder: str, pccs: list[str] | None, message: str
):
    with pytest.raises(InputError, match=message):
        microgrids_of(load_feeder(feeder), pccs)
