"""A feeder that is written as a data set and read back has the same voltages; what the format cannot say is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import two_bus, two_bus_holding
from tieline.feeders.elements import CurrentSource
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.load import load_feeder
from tieline.feeders.save import save_feeder
from tieline.network import Network
from tieline.powerflow import solve

CASES = Path(__file__).parent / "cases"
SAME = 1e-7
"""Of voltages [pu]; an ideal source has the smallest impedance that can be carried, 1.5e-8 pu."""


def mixed_load() -> Feeder:
    """Load with a share of each kind, at a rated voltage that is not that of its bus."""
    feeder = two_bus(zip_p=(0.2, 0.3, 0.5), zip_q=(0.5, 0.0, 0.5))
    return feeder.replace(loads=(replace(feeder.loads[0], kv=12.0),))


def open_line_at_60_hz() -> Feeder:
    """Charging that depends on the frequency, which the format does not state."""
    feeder = two_bus()
    line = feeder.lines[0]
    code = replace(line.code, name="long", c_nf_per_km=((9000.0,),))
    spare = replace(line, name="spare", code=code, closed=False, open_end="to")
    return feeder.replace(lines=(line, spare), frequency_hz=60.0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: load_feeder("ieee33"),
        lambda: load_feeder(CASES / "symmetric.json"),
        lambda: load_feeder(CASES / "asym_lines.json"),
        mixed_load,
        open_line_at_60_hz,
        two_bus_holding,
        lambda: two_bus_holding(held_q_low_kvar=-1.0, held_q_high_kvar=1.0),
    ],
)
def test_round_trip(tmp_path: Path, make: Callable[[], Feeder]) -> None:
    feeder = make()
    target = tmp_path / "written.json"
    save_feeder(feeder, target)
    first = Network.from_feeder(feeder)
    second = Network.from_feeder(load_feeder(target))
    places = [second.node_index[name] for name in first.node_names]
    difference = solve(first).v_pu[0] - solve(second).v_pu[0, places]
    assert np.abs(difference).max() < SAME


def test_what_cannot_be_said_is_listed(tmp_path: Path) -> None:
    with pytest.raises(FeederError) as caught:
        save_feeder(load_feeder("ieee13"), tmp_path / "no.json")
    components = {finding.component for finding in caught.value.findings}
    assert {"bus 645", "line 632645"} <= components
    assert not (tmp_path / "no.json").exists()


def test_a_current_source_is_not_said(tmp_path: Path) -> None:
    """A load of constant current follows the angle of its voltage, which a source does not."""
    feeder = two_bus()
    source = CurrentSource("stray", feeder.source.bus, (1,), 5.0)
    with pytest.raises(FeederError, match="current source stray: it drives"):
        save_feeder(feeder.replace(current_sources=(source,)), tmp_path / "no.json")
