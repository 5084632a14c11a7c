"""`with_fixed_q`: a feeder whose generators hold no voltages any more, but give the reactive power that did.

What linearises a power flow, decides reactive powers or scales them cannot follow generators that answer to every change. It
takes this feeder: in the snapshot it has the same voltages, elsewhere its generators keep their Q. A note says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tieline.errors import NoAnswerError, NotConvergedError
from tieline.feeders.elements import Generator
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import Finding, name_some
from tieline.network.network import Network
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve

CODE = "GENERATOR.Q_FIXED"
"""Of the note that such a feeder carries."""


def with_fixed_q(feeder: Feeder) -> Feeder:
    """The feeder with the Q that holds its voltages in the snapshot in place of the voltages; as it is where none is held.

    Raises:
        FeederError: if the feeder has errors.
        NoAnswerError: if no Q holds the voltages in the snapshot.
    """
    if all(unit.held_v_pu is None for unit in feeder.generators):
        return feeder
    network = Network.from_feeder(feeder)
    units = tuple(_fixed(network, _snapshot(network)))
    fixed = network.feeder.replace(generators=units)
    return fixed.with_notes((*fixed.notes, _note(feeder, units)))


def _snapshot(network: Network) -> Solution:
    try:
        return solve(network)
    except NotConvergedError as error:
        raise NoAnswerError(
            f"Generators of feeder '{network.feeder.name}' hold voltages, and here they give the Q that does so in the snapshot, "
            f"which has no answer. {error} Or state their q_kvar, without held_v_pu."
        ) from error


def _fixed(network: Network, solution: Solution) -> Iterator[Generator]:
    generators = network.feeder.generators
    first = solution.q_kvar.shape[1] - len(generators)
    injected_kvar = -solution.q_kvar[0, first:]
    for unit, q_kvar in zip(generators, injected_kvar.tolist(), strict=True):
        if unit.held_v_pu is None:
            yield unit
            continue
        # its limits stay: an optimum has no more Q than holding had
        yield replace(unit, q_kvar=q_kvar, held_v_pu=None)


def _note(feeder: Feeder, units: tuple[Generator, ...]) -> Finding:
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
