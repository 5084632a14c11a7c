"""A net with its phases, as `runpp_3ph` models it, from its single-phase equivalent and its zero-sequence data.

Read so is a net whose asymmetric elements differ from phase to phase; any other one is the same with and without phases. Where
zero-sequence data is missing or not modelled, the power of the phases counts together as in `runpp`, and a note says why.
`lacking` finds what is missing, `lines`, `transformers`, `grid` and `devices` spread their elements over three phases.

Each element has its positive and zero sequence exactly; the negative one is the positive but for the grid's impedance.
Source: pandapower documentation, "Three phase power flow"; code of pandapower 3.5, `pd2ppc_zero` and `runpp_3ph`.
"""

from __future__ import annotations

from dataclasses import replace

from tieline.feeders.feeder import Feeder
from tieline.feeders.pandapower.asymmetric import DELTA, has_unbalance
from tieline.feeders.pandapower.net import Net
from tieline.feeders.pandapower.phases.devices import spread_devices, spread_shunt
from tieline.feeders.pandapower.phases.differences import note_differences
from tieline.feeders.pandapower.phases.grid import spread_source
from tieline.feeders.pandapower.phases.lacking import what_is_lacking
from tieline.feeders.pandapower.phases.lines import spread_lines
from tieline.feeders.pandapower.phases.transformers import spread_transformers


def reads_phases(net: Net) -> bool:
    """Whether a net is read with its phases; notes it where it has them but cannot be."""
    if not has_unbalance(net):
        return False
    reason = what_is_lacking(net)
    if reason:
        message = f"the phases of asymmetric elements count together, as in runpp, because {reason}."
        remedy = (
            "State the zero sequence as runpp_3ph needs it, for the phases to be read."
        )
        net.warn("PHASES_TOGETHER", "asymmetric_load", message, remedy)
    return not reason


def with_phases(net: Net, feeder: Feeder) -> Feeder:
    """The feeder with three phases in place of one that stands for them."""
    note_differences(net)
    transformers, corrections = spread_transformers(net, feeder.transformers)
    shunts = [spread_shunt(shunt) for shunt in feeder.shunts]
    return feeder.replace(
        buses=tuple(replace(bus, phases=DELTA) for bus in feeder.buses),
        sources=tuple(spread_source(net, source) for source in feeder.sources),
        lines=spread_lines(net, feeder.lines),
        transformers=transformers,
        shunts=(*shunts, *corrections),
        loads=spread_devices(net, "load", feeder.loads),
        pvs=spread_devices(net, "sgen", feeder.pvs),
        storages=spread_devices(net, "storage", feeder.storages),
        generators=spread_devices(net, "sgen", feeder.generators),
        single_phase_equivalent=False,
    )
