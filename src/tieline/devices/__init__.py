"""What devices can do: limits at a state, update of the state, injection; the same for optimisers and environments.

A class holds the ratings of many devices of one kind, (device,); functions take states and powers with the scenario axis first,
(scenario, device) or just (device,), and know nothing of the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.devices.battery import Batteries
    from tieline.devices.droop_unit import DroopSettings, DroopUnits
    from tieline.devices.ev_charger import EvSessions
    from tieline.devices.flexible_load import PickUp, Shift
    from tieline.devices.generator import Generators
    from tieline.devices.pv_inverter import PvInverters
    from tieline.devices.rebound_load import ReboundLoads, Reduction, equal_parts
    from tieline.devices.volt_var import VoltVar

__all__ = [
    "Batteries",
    "DroopSettings",
    "DroopUnits",
    "EvSessions",
    "Generators",
    "PickUp",
    "PvInverters",
    "ReboundLoads",
    "Reduction",
    "Shift",
    "VoltVar",
    "equal_parts",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Batteries": "tieline.devices.battery",
        "DroopSettings": "tieline.devices.droop_unit",
        "DroopUnits": "tieline.devices.droop_unit",
        "EvSessions": "tieline.devices.ev_charger",
        "PickUp": "tieline.devices.flexible_load",
        "Shift": "tieline.devices.flexible_load",
        "Generators": "tieline.devices.generator",
        "PvInverters": "tieline.devices.pv_inverter",
        "Reduction": "tieline.devices.rebound_load",
        "ReboundLoads": "tieline.devices.rebound_load",
        "equal_parts": "tieline.devices.rebound_load",
        "VoltVar": "tieline.devices.volt_var",
    },
)
