"""Voltages of a feeder file from the program whose format it is, as the judge of our own.

OpenDSS solves its script as tieline guards it (no files are written, nothing else runs), pandapower its nets. MATPOWER needs
MATLAB or Octave: its equations are worked out anew from the matrices that our reader has run, so the model is compared and
the solver, not the reading of MATLAB. Tolerances are set far below the differences that are looked for.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from tieline.bench.feeders.matpower_equations import case_voltages
from tieline.bench.kit.peers import CannotRun, import_peer
from tieline.feeders.matpower.branches import bus_name
from tieline.feeders.matpower.script import run_script
from tieline.network import Network

Voltages = dict[str, complex]
"""By node name: in kV from OpenDSS, in per unit from the others."""

ENGINES = {
    ".dss": "OpenDSS",
    ".m": "MATPOWER's equations",
    ".json": "pandapower",
}
"""What judges each format."""

TOLERANCE = 1e-10
"""Of OpenDSS' iteration [pu]; its default of 1e-4 leaves errors as large as those that are looked for."""

ITERATIONS = 1000
"""OpenDSS' iteration is slow near the limit of a load's band."""

POWER_TOLERANCE_MVA = 1e-9
"""Of pandapower's Newton iteration, where the default is 1e-8."""


def engine_voltages(path: Path, network: Network, controls: bool) -> np.ndarray:
    """Voltage of each node, (node,) [pu], NaN where the engine has no such node.

    Args:
        path: the feeder file.
        network: made of it.
        controls: whether regulators and capacitors act.

    Raises:
        CannotRun: if the engine is not installed or finds no answer.
    """
    suffix = path.suffix.lower()
    if suffix == ".dss":
        volts = _opendss(path, controls)
        base_kv = network.node_kv
    else:
        volts = _pandapower_net(path) if suffix == ".json" else _matpower_case(path)
        base_kv = np.ones(network.n_nodes)
    values = [volts.get(name, complex(np.nan)) for name in network.node_names]
    return np.array(values) / base_kv


def _opendss(path: Path, controls: bool) -> Voltages:
    import_peer("opendssdirect", "opendssdirect.py")
    from tieline.feeders.opendss.script import compiled

    with compiled(path) as engine:
        engine.Text.Command("set mode=snapshot")
        engine.Text.Command(f"set tolerance={TOLERANCE!r}")
        engine.Text.Command(f"set maxiterations={ITERATIONS}")
        mode = "static" if controls else "off"
        engine.Text.Command(f"set controlmode={mode}")
        engine.Solution.Solve()
        if not engine.Solution.Converged():
            raise CannotRun("OpenDSS does not converge")
        names = [name.lower() for name in engine.Circuit.AllNodeNames()]
        parts = np.asarray(engine.Circuit.AllBusVolts())
    kv = (parts[0::2] + 1j * parts[1::2]) / 1e3
    return dict(zip(names, kv.tolist(), strict=True))


def _pandapower_net(path: Path) -> Voltages:
    pandapower = import_peer("pandapower", "pandapower")
    from tieline.feeders.pandapower.net import open_net

    net = open_net(path)
    raw = net.raw
    _run(pandapower, raw)
    return {f"{name}.1": _at_bus(raw, bus) for bus, name in net.bus_names.items()}


def _matpower_case(path: Path) -> Voltages:
    case = run_script(path)
    names = [f"{bus_name(number)}.1" for number in case.column("bus", "BUS_I")]
    return dict(zip(names, case_voltages(case).tolist(), strict=True))


def _run(pandapower: Any, net: Any) -> None:
    # the answers of the file's own options, where it has some
    options = {"calculate_voltage_angles": True, **net.get("user_pf_options", {})}
    options["tolerance_mva"] = POWER_TOLERANCE_MVA
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pandapower.runpp(net, **options)
        except pandapower.LoadflowNotConverged:
            raise CannotRun("pandapower does not converge") from None


def _at_bus(net: Any, bus: int) -> complex:
    if bus not in net.res_bus.index:
        return complex(np.nan)
    v_pu = net.res_bus.at[bus, "vm_pu"]
    # pandapower says NaN of what has no supply
    if np.isnan(v_pu):
        return 0j
    angle = np.radians(net.res_bus.at[bus, "va_degree"])
    return complex(v_pu * np.exp(1j * angle))
