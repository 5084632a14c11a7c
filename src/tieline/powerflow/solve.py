"""`solve`: the power flow of a batch of scenarios, with the feeder's own controls if wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from tieline.feeders.feeder import Feeder
from tieline.network.network import Network
from tieline.powerflow.options import Controls, Inverters, LoadModel
from tieline.powerflow.scenario_inputs import ScenarioInputs
from tieline.powerflow.solution import Solution
from tieline.powerflow.solver import Solver
from tieline.typing import ComplexArray


def solve(
    network: Network | Feeder | str | Path,
    *,
    controls: Controls = "feeder",
    load_model: LoadModel = "feeder",
    inverters: Inverters | None = None,
    tolerance: float = 1e-8,
    max_iterations: int = 100,
    out: ComplexArray | None = None,
    **inputs: Unpack[ScenarioInputs],
) -> Solution:
    """Solve the AC power flow of one or many scenarios. Who calls often with few of them takes a `Solver`.

    Every input array may be left out (the feeder's snapshot), have one row (all scenarios), or one row per scenario. Columns
    follow the feeder: `load_*` its loads, `der_*` its `ders`, `taps` its regulators, `line_closed` its lines,
    `capacitor_steps` its capacitors.

    By name an input is a mapping, a Series whose index are names, or a DataFrame with a column for each name and a row for each
    scenario; what is not named keeps the feeder's value (`named_inputs`).

    Args:
        network: feeder arrays; or a feeder, which makes its own once, or the name or path of one, which is read each time.
        load_kw, load_kvar: consumption at rated voltage, (load,) or (scenario, load) [kW, kvar].
        load_scale: factor on the feeder's own P and Q, a number, (load,), (scenario, 1) or (scenario, load).
        der_kw, der_kvar: injection, (der,) or (scenario, der) [kW, kvar]. Generators hold the voltages that the feeder states
            for them unless `der_kvar` is given, which then is what every DER injects. `der_kw` of an inverter with a
            characteristic is what it would like to give.
        der_kva: ratings of the inverters that follow a characteristic, in place of the feeder's, (der,) or (scenario, der) [kVA].
        taps: tap positions, the start of the controls or, with them off, held, (regulator,) or (scenario, regulator).
        line_closed: 1 or True closed, 0 open, (line,) or (scenario, line). Nodes cut off from the source get voltage 0.
        capacitor_steps: steps in, (capacitor,) or (scenario, capacitor).
        source_pu: source voltage, a number, (scenario,) or (scenario, 1) for all phases, (scenario, source node) for each [pu].
            The angle of a complex number is added to the one that the feeder states.
        start_pu: complex first voltages, (node,) or (scenario, node) [pu], such as `v_pu` of the time step before; rows of NaN
            start from no load. Good ones save iterations and change no answer beyond the tolerance.
        controls: "feeder" lets regulators and capacitor controls act until they rest, "off" holds taps and steps.
        inverters: "feeder" lets those with a characteristic follow it, "off" leaves them at their P and Q; None lets them follow
            it unless `der_kvar` is given.
        load_model: "zip" keeps every load on its ZIP model at any voltage, "opendss-band" leaves it outside the load's voltage
            band as OpenDSS does, "feeder" takes `Feeder.load_model`: the band where the feeder came from OpenDSS.
        tolerance: estimated error of the voltages at which a scenario counts as converged [pu].
        max_iterations: iterations after which a scenario is given up.
        out: takes the voltages and becomes `v_pu` of the solution, complex128 (scenario, node), see `Solver.solve`.

    Returns:
        The solution; scenarios without an answer are marked in `outcome` and hold NaN.

    Raises:
        NotConvergedError: if no input had a scenario axis and the one scenario has no answer.
        ShapeError, InputError: if an input or `out` does not fit the network.
        TypeError: for an input by another name.
    """
    solver = Solver(
        network,
        controls=controls,
        load_model=load_model,
        inverters=inverters,
        tolerance=tolerance,
        max_iterations=max_iterations,
    )
    return solver.solve(out=out, **inputs)
