"""`with_fixed_q`: a feeder whose DERs do not answer to voltages any more, but give the powers with which they did.

What linearises a power flow, decides reactive powers or scales them cannot follow generators that hold a voltage and inverters
that follow a characteristic. It takes this feeder: in the snapshot it has the same voltages, elsewhere its DERs keep their
powers. A note says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tieline.errors import NoAnswerError, NotConvergedError
from tieline.feeders.elements import Der, Generator
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding, name_some
from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve

CODE = "GENERATOR.Q_FIXED"
"""Of the note that a feeder carries whose generators held voltages."""

INVERTER_CODE = "INVERTER_CONTROL.FIXED"
"""Of the note that a feeder carries whose inverters followed characteristics."""


def with_fixed_q(feeder: Feeder, *, keep_inverters: bool = False) -> Feeder:
    """The feeder with the powers of its snapshot in place of held voltages and characteristics; as it is where there are none.

    Args:
        feeder: any.
        keep_inverters: inverters still follow their characteristics.

    Raises:
        FeederError: if the feeder has errors.
        NoAnswerError: if the snapshot has no answer.
    """
    holds = any(unit.held_v_pu is not None for unit in feeder.generators)
    follows = bool(feeder.inverter_controls) and not keep_inverters
    if not holds and not follows:
        return feeder
    network = Network.from_feeder(feeder)
    solution = _snapshot(network)
    fixed = network.feeder
    if holds:
        units = tuple(_fixed_generators(network, solution))
        fixed = fixed.replace(generators=units)
        fixed = fixed.with_notes((*fixed.notes, _generator_note(feeder, units)))
    if follows:
        fixed = _with_fixed_inverters(fixed, network, solution)
    return fixed


def _snapshot(network: Network) -> Solution:
    try:
        return solve(network)
    except NotConvergedError as error:
        raise NoAnswerError(
            f"DERs of feeder '{network.feeder.name}' hold voltages or follow characteristics, and here they give the powers that "
            f"do so in the snapshot, which has no answer. {error} Or state their q_kvar, without held_v_pu and inverter controls."
        ) from error


def _injected(network: Network, solution: Solution, der: Der) -> tuple[float, float]:
    """P and Q of a DER in the snapshot [kW, kvar]."""
    ders = network.feeder.ders
    places = [k for k, one in enumerate(ders) if one is der]
    column = network.devices.n_loads + places[0]
    p_kw = -float(solution.p_kw[0, column])
    q_kvar = -float(solution.q_kvar[0, column])
    return p_kw, q_kvar


def _fixed_generators(network: Network, solution: Solution) -> Iterator[Generator]:
    for unit in network.feeder.generators:
        if unit.held_v_pu is None:
            yield unit
            continue
        _, q_kvar = _injected(network, solution, unit)
        # its limits stay: an optimum has no more Q than holding had
        yield replace(unit, q_kvar=q_kvar, held_v_pu=None)


def _with_fixed_inverters(
    feeder: Feeder, network: Network, solution: Solution
) -> Feeder:
    controls = feeder.inverter_controls
    of_pvs = {control.der for control in controls if control.der_kind == "pv"}
    of_storages = {control.der for control in controls if control.der_kind == "storage"}
    pvs = []
    for pv in network.feeder.pvs:
        if pv.name in of_pvs:
            p_kw, q_kvar = _injected(network, solution, pv)
            pvs.append(replace(pv, p_kw=p_kw, q_kvar=q_kvar))
        else:
            pvs.append(pv)
    storages = []
    for unit in network.feeder.storages:
        if unit.name in of_storages:
            p_kw, q_kvar = _injected(network, solution, unit)
            p_charge_kw = max(-p_kw, 0.0)
            p_discharge_kw = max(p_kw, 0.0)
            unit = replace(
                unit,
                p_charge_kw=p_charge_kw,
                p_discharge_kw=p_discharge_kw,
                q_kvar=q_kvar,
            )
        storages.append(unit)
    fixed = feeder.replace(
        pvs=tuple(pvs), storages=tuple(storages), inverter_controls=()
    )
    return fixed.with_notes((*fixed.notes, _inverter_note(feeder)))


def _generator_note(feeder: Feeder, units: tuple[Generator, ...]) -> Finding:
    pairs = zip(feeder.generators, units, strict=True)
    names = [
        f"{unit.name} ({fixed.q_kvar:.6g} kvar)"
        for unit, fixed in pairs
        if unit.held_v_pu is not None
    ]
    message = (
        "they hold voltages in a plain power flow alone. Here they keep the Q that does so in the feeder's snapshot, and where Q "
        "is decided, as in an optimal power flow, it is decided within their limits, and the voltage within those of the bus."
    )
    remedy = "State another q_kvar, without held_v_pu, where this is not what you want."
    where = f"generator {name_some(names)}"
    return Finding(CODE, "warning", where, message, remedy)


def _inverter_note(feeder: Feeder) -> Finding:
    names = [control.name for control in feeder.inverter_controls]
    message = (
        "their inverters follow characteristics in power flows, time series and hosting capacity. Here they keep the P and Q of "
        "the feeder's snapshot, and where powers are decided, these."
    )
    remedy = "State other powers, without inverter controls, where this is not what you want."
    where = f"inverter control {name_some(names)}"
    return Finding(INVERTER_CODE, "warning", where, message, remedy)
