"""A feeder as an input data set of power-grid-model: `data_set(feeder) -> str`, the way back of the reader.

Taps stand in the rated voltages, regulators and capacitors where they are in the snapshot. DERs become generators of constant
power, those that hold a voltage with a regulator. A load of mixed shares becomes one of each kind, as the format has no
mixture; of OpenDSS' voltage band it knows nothing. The set does not state its frequency: capacitances are such that the charging
is right at the 50 Hz that power-grid-model takes if it is not told otherwise. An ideal source gets the smallest impedance that a
power flow can carry. A feeder of three phases has all three of them at each bus, no node of neutrals, and stars to earth or
deltas that are balanced; what is not so is refused by name.
"""

from __future__ import annotations

import json

from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError
from tieline.feeders.power_grid_model.written import Written
from tieline.feeders.power_grid_model.written_branches import write_lines
from tieline.feeders.power_grid_model.written_devices import (
    refuse_current_sources,
    write_capacitors,
    write_ders,
    write_loads,
    write_shunts,
    write_sources,
)
from tieline.feeders.power_grid_model.written_transformers import write_transformers

SCHEMA = "1.0"


def data_set(feeder: Feeder) -> str:
    """The JSON text; raises `FeederError` with everything that the format cannot say."""
    written = Written(feeder)
    for bus in feeder.buses:
        written.add_node(bus)
    for write in (
        write_sources,
        refuse_current_sources,
        write_lines,
        write_transformers,
        write_loads,
        write_ders,
        write_capacitors,
        write_shunts,
    ):
        write(written)
    if written.errors:
        raise FeederError(feeder.name, written.errors)
    root = {
        "version": SCHEMA,
        "type": "input",
        "is_batch": False,
        "attributes": {},
        "data": written.components,
    }
    return json.dumps(root, indent=1) + "\n"
