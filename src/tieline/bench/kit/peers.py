"""Other projects' programs: one that is not installed, or cannot represent a feeder, says so and is left out.

What two benchmarks need of them stands here: a feeder as pandapower's net. The packages come with the extra `bench`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tieline.feeders import Feeder
from tieline.feeders.elements import Line


class CannotRun(Exception):
    """A peer is not installed or cannot represent the feeder; the text says why, not which peer."""


def import_peer(module: str, package: str) -> Any:
    """A peer's module; raises `CannotRun` if it is not installed."""
    try:
        return import_module(module)
    except ImportError:
        raise CannotRun(f"{package} is not installed (extra 'bench')") from None


def require_simple_equivalent(feeder: Feeder, with_ders: bool = False) -> None:
    """Lines and constant-power loads of a single-phase equivalent are what is translated for the balanced peers.

    Raises:
        CannotRun: if the feeder has anything else.
    """
    untranslated = [*feeder.transformers, *feeder.capacitors, *feeder.shunts]
    if not with_ders:
        untranslated += feeder.ders
    if untranslated or not feeder.single_phase_equivalent:
        raise CannotRun(
            "only balanced feeders of lines and constant-power loads are translated for it"
        )


def pandapower_net(feeder: Feeder, pandapower: Any) -> Any:
    """A pandapower net of a balanced feeder, buses and loads in the feeder's order, its DERs left out."""
    require_simple_equivalent(feeder)
    net = pandapower.create_empty_network(f_hz=feeder.frequency_hz)
    bus_number = {
        bus.name: pandapower.create_bus(net, vn_kv=bus.kv_ll) for bus in feeder.buses
    }
    for line in feeder.lines:
        if line.closed:
            start, end = bus_number[line.from_bus], bus_number[line.to_bus]
            # open lines are left out and not switched: the peer's time is that of the network in use
            _create_line(pandapower, net, start, end, line)
    pandapower.create_ext_grid(
        net, bus_number[feeder.source.bus], vm_pu=feeder.source.v_pu
    )
    for load in feeder.loads:
        p_mw = load.p_kw / 1e3
        q_mvar = load.q_kvar / 1e3
        pandapower.create_load(net, bus_number[load.bus], p_mw=p_mw, q_mvar=q_mvar)
    return net


def _create_line(pandapower: Any, net: Any, start: int, end: int, line: Line) -> None:
    """A closed line; its rating is no limit of the power flow, so any will do."""
    code = line.code
    pandapower.create_line_from_parameters(
        net,
        start,
        end,
        length_km=line.impedance_factor,
        r_ohm_per_km=code.r_ohm_per_km[0][0],
        x_ohm_per_km=code.x_ohm_per_km[0][0],
        c_nf_per_km=code.c_nf_per_km[0][0],
        max_i_ka=1.0,
    )
