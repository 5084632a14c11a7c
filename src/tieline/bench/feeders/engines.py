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
from tieline.feeders.shipped import is_shipped, shipped_net
from tieline.network import Network

Voltages = dict[str, complex]
"""By node name: in kV from OpenDSS, in per unit from the others."""

ENGINES = {
    ".dss": "OpenDSS",
    ".m": "MATPOWER's equations",
    ".json": "pandapower",
}
"""What judges each format."""

SHIPPED = "pandapower"
"""What judges the feeders that come with packages: all are nets of it."""

PHASES = {"1": "a", "2": "b", "3": "c"}

MOST_ROUNDS = 10
SAME_PU = 1e-9
"""`runpp_3ph` stops at 3e-8 MVA, much for a small load: it is run on from its result until nothing moves by more, and this many
times at most."""

TOLERANCE = 1e-10
"""Of OpenDSS' iteration [pu]; its default of 1e-4 leaves errors as large as those that are looked for."""

ITERATIONS = 1000
"""OpenDSS' iteration is slow near the limit of a load's band."""

POWER_TOLERANCE_MVA = 1e-9
"""Of pandapower's Newton iteration, where the default is 1e-8."""


def engine_of(file: str) -> str | None:
    """Which program judges a feeder; None if there is none."""
    if is_shipped(file):
        return SHIPPED
    return ENGINES.get(Path(file).suffix.lower())


def engine_voltages(file: str, network: Network, controls: bool) -> np.ndarray:
    """Voltage of each node, (node,) [pu], NaN where the engine has no such node.

    Args:
        file: the feeder file, or the name of a feeder of another package.
        network: made of it.
        controls: whether regulators and capacitors act.

    Raises:
        CannotRun: if the engine is not installed or finds no answer.
    """
    path = Path(file)
    engine = engine_of(file)
    base_kv = np.ones(network.n_nodes)
    if engine == ENGINES[".dss"]:
        volts = _opendss(path, controls)
        base_kv = network.node_kv
    elif engine == ENGINES[".m"]:
        volts = _matpower_case(path)
    else:
        volts = _pandapower_net(file, not network.feeder.single_phase_equivalent)
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


def _pandapower_net(file: str, has_phases: bool) -> Voltages:
    pandapower = import_peer("pandapower", "pandapower")
    from tieline.feeders.pandapower.net import open_net

    net = open_net(shipped_net(file) if is_shipped(file) else file)
    raw = net.raw
    if has_phases:
        _run_phases(pandapower, raw)
        tables = {k: _of_phase(raw.res_bus_3ph, k) for k in PHASES}
    else:
        _run(pandapower, raw)
        tables = {"1": _voltages(raw.res_bus, "vm_pu", "va_degree")}
    return {
        f"{name}.{k}": table.get(bus, complex(np.nan))
        for k, table in tables.items()
        for bus, name in net.bus_names.items()
    }


def _matpower_case(path: Path) -> Voltages:
    case = run_script(path)
    names = [f"{bus_name(number)}.1" for number in case.column("bus", "BUS_I")]
    return dict(zip(names, case_voltages(case).tolist(), strict=True))


def _run(pandapower: Any, net: Any) -> None:
    # the answers of the file's own options, where it has some
    options = {"calculate_voltage_angles": True, **net.get("user_pf_options", {})}
    options["tolerance_mva"] = POWER_TOLERANCE_MVA
    # they do not act here either, which a note says
    options["run_control"] = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            pandapower.runpp(net, **options)
        except pandapower.LoadflowNotConverged:
            raise CannotRun("pandapower does not converge") from None


def _run_phases(pandapower: Any, net: Any) -> None:
    """Until the answer moves no more."""
    before = None
    start = "auto"
    for _ in range(MOST_ROUNDS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                pandapower.runpp_3ph(net, init=start, tolerance_mva=POWER_TOLERANCE_MVA)
            except pandapower.LoadflowNotConverged:
                raise CannotRun("pandapower does not converge") from None
        sizes = net.res_bus_3ph.filter(regex="^vm_").to_numpy()
        if before is not None and np.nanmax(np.abs(sizes - before)) < SAME_PU:
            return
        before = sizes
        start = "results"


def _of_phase(table: Any, number: str) -> dict[int, complex]:
    phase = PHASES[number]
    return _voltages(table, f"vm_{phase}_pu", f"va_{phase}_degree")


def _voltages(table: Any, size: str, angle: str) -> dict[int, complex]:
    """By bus; pandapower says NaN of what has no supply."""
    v_pu = table[size] * np.exp(1j * np.radians(table[angle]))
    return v_pu.fillna(0).to_dict()
