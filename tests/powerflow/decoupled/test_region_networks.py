"""What the network of a region holds, and partitions that cannot be cut."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from builders import single_code
from tieline import Network, load_feeder
from tieline.errors import InputError
from tieline.feeders.elements import Bus, Line, Load, Source
from tieline.feeders.feeder import Feeder
from tieline.network.partition import partition
from tieline.powerflow.decoupled import decouple


def test_every_element_is_in_one_region():
    feeder = load_feeder("ieee123")
    network = Network.from_feeder(feeder)
    regions = decouple(network, partition(feeder, microgrids=6)).regions
    for columns, elements in (
        ([region.loads for region in regions], feeder.loads),
        ([region.regulators for region in regions], feeder.regulators),
        ([region.capacitors for region in regions], feeder.capacitors),
        ([region.nodes for region in regions], network.node_names),
    ):
        assert sorted(np.concatenate(columns)) == list(range(len(elements)))
    n_lines = sum(len(region.network.feeder.lines) for region in regions)
    # switches to other buses that are open belong to none
    assert n_lines == len([line for line in feeder.lines if line.closed])


def test_partition_of_another_feeder():
    divided = partition(load_feeder("ieee33"), microgrids=2)
    with pytest.raises(InputError, match="'ieee33' with other buses or lines"):
        decouple(Network.from_feeder(load_feeder("ieee69")), divided)


def test_coupling_line_with_a_neutral_cannot_be_cut():
    code = dataclasses.replace(
        single_code(0.1, 0.1),
        r_ohm_per_km=((0.1, 0.0), (0.0, 0.1)),
        x_ohm_per_km=((0.1, 0.0), (0.0, 0.1)),
        c_nf_per_km=((0.0, 0.0), (0.0, 0.0)),
    )
    loads = [Load(bus, bus, (1, 4), "wye", 2.4, 10.0, 0.0) for bus in "ab"]
    feeder = Feeder(
        name="neutral",
        buses=(Bus("a", (1, 4), 4.16), Bus("b", (1, 4), 4.16)),
        sources=(Source("grid", "a", (1, 4), 4.16),),
        lines=(Line("ab", "a", "b", (1, 4), (1, 4), code),),
        loads=tuple(loads),
    )
    divided = partition(feeder, microgrids=2)
    with pytest.raises(InputError, match=r"conductors \(1, 4\)"):
        decouple(Network.from_feeder(feeder), divided)
