"""`random_net(seed)`: a random balanced net of pandapower with one source.

    20 or 10 kV lines, rings and couplers -- transformers with core losses and tap changers -- low-voltage lines -- devices

Loads that depend on the voltage stand alone, since pandapower averages the shares of all loads of a bus and of buses that a
coupler joins to it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Net = Any
Random = np.random.Generator


def random_net(seed: int) -> Net:
    """A net of 4 to 25 buses; the same seed gives the same net."""
    import pandapower

    random = np.random.default_rng(seed)
    net = pandapower.create_empty_network(
        f_hz=float(random.choice([50.0, 60.0])),
        sn_mva=float(random.choice([1.0, 100.0])),
    )
    medium_kv = float(random.choice([10.0, 20.0]))
    medium = [_bus(net, medium_kv) for _ in range(int(random.integers(2, 8)))]
    pandapower.create_ext_grid(
        net,
        medium[0],
        vm_pu=_between(random, 0.98, 1.05),
        va_degree=_between(random, -30, 30),
    )
    for k, bus in enumerate(medium[1:], start=1):
        _line(net, random, medium[int(random.integers(k))], bus, 0.3)
    low = [
        bus
        for _ in range(int(random.integers(1, 4)))
        for bus in _low_voltage_part(net, random, medium)
    ]
    _rings(net, random, medium)
    _rings(net, random, low)
    _devices(net, random, [*medium[1:], *low])
    _out_of_service(net, random)
    return net


def _between(random: Random, low: float, high: float) -> float:
    return float(random.uniform(low, high))


def _chance(random: Random, probability: float) -> bool:
    return bool(random.random() < probability)


def _bus(net: Net, kv: float) -> int:
    import pandapower

    return int(pandapower.create_bus(net, vn_kv=kv, name=f"b{len(net.bus)}"))


def _line(net: Net, random: Random, start: int, end: int, ohm_per_km: float) -> int:
    import pandapower

    return int(
        pandapower.create_line_from_parameters(
            net,
            start,
            end,
            length_km=_between(random, 0.05, 3.0 if ohm_per_km > 0.2 else 0.3),
            r_ohm_per_km=ohm_per_km * _between(random, 0.5, 1.5),
            x_ohm_per_km=_between(random, 0.08, 0.4),
            c_nf_per_km=_between(random, 0, 400),
            max_i_ka=_between(random, 0.1, 0.4),
            parallel=int(random.choice([1, 1, 1, 2, 3])),
            df=float(random.choice([1.0, 1.0, 0.8])),
            name=f"l{len(net.line)}",
        )
    )


def _low_voltage_part(net: Net, random: Random, medium: list[int]) -> list[int]:
    """A transformer with its lines; returns the low-voltage buses."""
    first = _bus(net, 0.4)
    _transformer(net, random, int(random.choice(medium)), first)
    buses = [first]
    for _ in range(int(random.integers(0, 5))):
        if _chance(random, 0.2):
            buses.append(
                _coupled_bus(net, random, int(random.choice(buses)), closed=True)
            )
        else:
            end = _bus(net, 0.4)
            _line(net, random, int(random.choice(buses)), end, 0.15)
            buses.append(end)
    return buses


def _transformer(net: Net, random: Random, high: int, low: int) -> None:
    import pandapower

    vk = _between(random, 4, 8)
    pandapower.create_transformer_from_parameters(
        net,
        high,
        low,
        sn_mva=float(random.choice([0.25, 0.4, 0.63])),
        vn_hv_kv=float(net.bus.vn_kv[high]) * float(random.choice([1.0, 1.0, 1.05])),
        vn_lv_kv=float(random.choice([0.4, 0.4, 0.42])),
        vk_percent=vk,
        vkr_percent=vk * _between(random, 0.1, 0.5),
        pfe_kw=float(random.choice([0.0, _between(random, 0.3, 3)])),
        i0_percent=float(random.choice([0.0, _between(random, 0.8, 3)])),
        shift_degree=float(random.choice([0.0, 30.0, 150.0])),
        parallel=int(random.choice([1, 1, 1, 2])),
        df=float(random.choice([1.0, 1.0, 0.9])),
        name=f"t{len(net.trafo)}",
        **_tap_changer(random),
    )


def _tap_changer(random: Random) -> dict[str, Any]:
    """None, or one of any kind; some lack their neutral or their position and so do nothing."""
    if _chance(random, 0.3):
        return {}
    kind = str(random.choice(["Ratio", "Ratio", "Symmetrical", "Ideal"]))
    degree = {"Ratio": 0.0, "Symmetrical": 60.0, "Ideal": 2.0}[kind]
    return {
        "tap_side": str(random.choice(["hv", "lv"])),
        "tap_neutral": float(random.choice([0, 0, 1, np.nan])),
        "tap_pos": float(
            random.choice([-2, -1, 0, 1, 3, np.nan], p=[0.2, 0.2, 0.1, 0.2, 0.2, 0.1])
        ),
        "tap_min": -9,
        "tap_max": 9,
        "tap_step_percent": 0.0
        if kind == "Ideal"
        else float(random.choice([1.5, 2.5])),
        "tap_step_degree": degree,
        "tap_changer_type": kind,
    }


def _coupled_bus(net: Net, random: Random, start: int, *, closed: bool) -> int:
    import pandapower

    end = _bus(net, float(net.bus.vn_kv[start]))
    z_ohm = float(random.choice([0.0, 0.0, 0.005]))
    pandapower.create_switch(
        net, start, end, et="b", closed=closed, z_ohm=z_ohm, name=f"s{len(net.switch)}"
    )
    return end


def _rings(net: Net, random: Random, buses: list[int]) -> None:
    """Further lines of one voltage level, closed, or open at one or both ends by switches; and couplers that are open."""
    import pandapower

    for _ in range(int(random.integers(0, 3)) if len(buses) > 2 else 0):
        start, end = (int(bus) for bus in random.choice(buses, 2, replace=False))
        line = _line(net, random, start, end, 0.3)
        for bus in (start, end):
            if _chance(random, 0.4):
                pandapower.create_switch(
                    net,
                    bus,
                    line,
                    et="l",
                    closed=_chance(random, 0.3),
                    name=f"s{len(net.switch)}",
                )


def _devices(net: Net, random: Random, buses: list[int]) -> None:
    import pandapower

    makers: list[Callable[[Net, Random, int], None]] = [
        _load,
        _load,
        _load,
        _sgen,
        _storage,
        _shunt,
        _ward,
    ]
    joined = {
        *net.switch.bus[net.switch.et == "b"],
        *net.switch.element[net.switch.et == "b"],
    }
    for bus in buses:
        if bus not in joined and _chance(random, 0.25):
            shares: dict[str, Any] = {
                f"const_{kind}_{part}_percent": _between(random, 0, 50)
                for kind in "zi"
                for part in "pq"
            }
            size = _size(net, random, bus)
            name = f"d{len(net.load)}"
            pandapower.create_load(
                net,
                bus,
                p_mw=size,
                q_mvar=size / 3,
                scaling=_between(random, 0.5, 1),
                name=name,
                **shares,
            )
        else:
            for k in random.choice(len(makers), int(random.integers(0, 3))):
                makers[int(k)](net, random, bus)


def _size(net: Net, random: Random, bus: int) -> float:
    """A power that a bus can carry: some per cent of a transformer, more at medium voltage [MW]."""
    return (
        _between(random, 0.1, 0.5)
        if net.bus.vn_kv[bus] > 1
        else _between(random, 0.002, 0.025)
    )


def _load(net: Net, random: Random, bus: int) -> None:
    import pandapower

    size = _size(net, random, bus)
    pandapower.create_load(
        net,
        bus,
        p_mw=size,
        q_mvar=size * _between(random, -0.2, 0.5),
        name=f"d{len(net.load)}",
    )


def _sgen(net: Net, random: Random, bus: int) -> None:
    import pandapower

    kind = str(random.choice(["PV", "CHP", "WP"]))
    size, scaling = _size(net, random, bus), _between(random, 0.3, 1)
    pandapower.create_sgen(
        net,
        bus,
        p_mw=size,
        q_mvar=size * 0.1,
        scaling=scaling,
        type=kind,
        name=f"g{len(net.sgen)}",
    )


def _storage(net: Net, random: Random, bus: int) -> None:
    import pandapower

    size = _size(net, random, bus) * float(random.choice([-1, 1]))
    pandapower.create_storage(
        net,
        bus,
        p_mw=size,
        q_mvar=size * 0.05,
        max_e_mwh=1.0,
        name=f"e{len(net.storage)}",
    )


def _shunt(net: Net, random: Random, bus: int) -> None:
    import pandapower

    rated, step = (
        float(net.bus.vn_kv[bus]) * _between(random, 0.95, 1.05),
        int(random.integers(0, 3)),
    )
    size = _size(net, random, bus)
    pandapower.create_shunt(
        net,
        bus,
        q_mvar=-size,
        p_mw=size / 50,
        vn_kv=rated,
        step=step,
        max_step=3,
        name=f"h{len(net.shunt)}",
    )


def _ward(net: Net, random: Random, bus: int) -> None:
    import pandapower

    size = _size(net, random, bus)
    name = f"w{len(net.ward)}"
    pandapower.create_ward(
        net,
        bus,
        ps_mw=size,
        qs_mvar=size / 4,
        pz_mw=size / 2,
        qz_mvar=-size / 5,
        name=name,
    )


def _out_of_service(net: Net, random: Random) -> None:
    """Now and then a device or a line is out of service."""
    for table in ("load", "sgen", "line"):
        if len(net[table]) and _chance(random, 0.15):
            net[table].loc[int(random.integers(len(net[table]))), "in_service"] = False
