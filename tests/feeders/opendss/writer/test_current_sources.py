"""Current sources in a script: the engine's words for their sequence, one for each node where there are none, and a refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import behind_delta, random_feeder, two_bus
from tieline.errors import InputError
from tieline.feeders.elements import CurrentSource
from tieline.feeders.feeder import Feeder
from tieline.feeders.opendss.writer import opendss_script

NEGATIVE = (0.0, 120.0, 240.0)
UNEVEN = (0.0, 90.0, -170.0)


def commands(feeder: Feeder, *sources: CurrentSource) -> list[str]:
    script = opendss_script(feeder.replace(current_sources=sources))
    return [line for line in script.splitlines() if "isource" in line]


def test_by_sequence() -> None:
    feeder = random_feeder(0, 4)
    bus = feeder.source.bus
    (line,) = commands(feeder, CurrentSource("k", bus, (1, 2, 3), 5.0, 7.0))
    place = f"phases=3 bus1={bus}.1.2.3"
    assert line == f"new isource.k {place} amps=5.0 angle=7.0 sequence=pos"
    backwards = CurrentSource("k", bus, (1, 2, 3), 5.0, 0.0, NEGATIVE)
    assert commands(feeder, backwards)[0].endswith("sequence=neg")


def test_angles_of_no_sequence_take_one_for_each_node() -> None:
    feeder = random_feeder(0, 4)
    uneven = CurrentSource("k", feeder.source.bus, (1, 2, 3), 5.0, 0.0, UNEVEN)
    # a name that a part would have is another source's
    taken = CurrentSource("k_2", feeder.source.bus, (1,), 5.0)
    heads = [line.split()[1] for line in commands(feeder, uneven, taken)]
    assert heads == ["isource.k_1", "isource.k_2_", "isource.k_3", "isource.k_2"]


def test_a_circuit_of_one_phase_turns_no_voltage() -> None:
    feeder = two_bus()
    source = CurrentSource("k", feeder.source.bus, (1,), 5.0)
    (line,) = commands(feeder, source)
    assert f"amps={5.0 * 3**0.5!r}" in line
    (unit,) = behind_delta().transformers
    shifting = feeder.replace(transformers=(replace(unit, shift_deg=30.0),))
    with pytest.raises(InputError, match="turn voltages"):
        commands(shifting, source)
    assert commands(shifting) == []
