"""A package as SimBench is, of one small grid: the real one is 400 MB and no part of the tests' installation."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pandapower
import pandas as pd
import pytest

from pandapower_nets import base_net
from tieline.feeders.shipped import packages

CODE = "1-LV-small--0-sw"

TIMES = ["26.03.2016 23:30", "26.03.2016 23:45", "27.03.2016 00:00", "27.03.2016 00:15"]


def use_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `import simbench` find the small package."""
    package = SimpleNamespace(
        collect_all_simbench_codes=lambda: [CODE], get_simbench_net=_net
    )
    monkeypatch.setitem(sys.modules, "simbench", package)
    # a net of the real package must not stand in for it
    packages._simbench_net.cache_clear()


def _net(code: str) -> Any:
    """Two loads, two PV systems of 30 and 10 kVA, and their series of an hour."""
    assert code == CODE
    net = base_net()
    pandapower.create_load(net, 1, 0.02, 0.01, name="Shop 1")
    net.load["profile"] = ["H0", "G1"]
    for bus, mva, profile in ((1, 0.03, "PV5"), (2, 0.01, "PV6")):
        pandapower.create_sgen(net, bus, mva, sn_mva=mva, type="PV", name=profile)
    net.sgen["profile"] = ["PV5", "PV6"]
    net["profiles"] = {
        "load": pd.DataFrame(
            {
                "time": TIMES,
                "H0_pload": [0.1, 0.2, 0.3, 0.4],
                "H0_qload": [0.0, 0.0, 0.0, 0.0],
                "G1_pload": [0.9, 0.8, 0.7, 0.6],
                "G1_qload": [0.0, 0.0, 0.0, 0.0],
            }
        ),
        "renewables": pd.DataFrame(
            {
                "time": TIMES,
                "PV5": [0.0, 0.4, 0.8, 0.8],
                "PV6": [0.0, 0.0, 0.4, 0.8],
                "WP4": [1.0, 1.0, 1.0, 1.0],
            }
        ),
    }
    return net
