"""The table of a hosting-capacity map."""

from __future__ import annotations

import pandas as pd

from tieline.feeders.placing import find_sites
from tieline.studies.siting.setting import Setting


def bus_table(setting: Setting, capacity: pd.DataFrame) -> pd.DataFrame:
    """One row per place: `bus`, `phases`, `kv_ll`, and the columns of `siting.capacity.find_capacity`."""
    feeder = setting.feeder
    sites = find_sites(feeder, setting.places)
    phases = ["".join(str(node) for node in site.nodes if node) for site in sites]
    places = pd.DataFrame(
        {
            "bus": [site.bus for site in sites],
            "phases": phases,
            "kv_ll": [feeder.bus(site.bus).kv_ll for site in sites],
        }
    )
    return pd.concat([places, capacity], axis=1)


def csv_of(table: pd.DataFrame) -> bytes:
    """A table as a CSV file."""
    return table.to_csv(index=False, float_format="%.6g").encode()
