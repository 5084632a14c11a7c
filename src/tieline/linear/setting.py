"""`Setting`: the taps, line positions, capacitor steps and source voltage at which a linear model is built, checked.

A linear model holds them: another tap or an opened line is another model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Unpack

import numpy as np

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network, require_network
from tieline.network.supply import dead_nodes
from tieline.powerflow.batch import make_batch
from tieline.powerflow.scenario_inputs import Positions, require_known
from tieline.typing import ComplexArray, FloatArray

NODES_NAMED = 5
"""How many dead nodes an error message spells out."""


@dataclass(frozen=True, eq=False)
class Setting:
    """Where a model is built.

    Attributes:
        state: state vector, (state,).
        source_pu: voltage of each node of the source relative to its rated one, (source node,) [pu].
    """

    state: FloatArray
    source_pu: FloatArray

    def source_current(self, network: Network) -> ComplexArray:
        """Current that sources of voltage and current drive into each node, or an ideal one's voltage, (node,) [pu]."""
        return network.drive(self.source_pu)


def make_setting(network: Network, **positions: Unpack[Positions]) -> Setting:
    """Check one set of positions.

    Raises:
        InputError: if there are several scenarios, a value is not finite, the feeder has no line or transformer, or a node
            has no path to the source.
        ShapeError: if an array does not fit the network.
        TypeError: for a position by another name.
    """
    require_network(network, "a linear model")
    require_known(positions, Positions)
    feeder = network.feeder
    batch = make_batch(network, **positions)
    if batch.n_scenarios != 1:
        raise InputError(
            f"A linear model is built at one set of taps, lines and capacitors; got {batch.n_scenarios}. Build one for each."
        )
    if batch.bad[0]:
        raise InputError(
            "taps, line_closed, capacitor_steps and source_pu must be finite; one is not."
        )
    if np.iscomplexobj(batch.source_pu):
        raise InputError(
            "A linear model has its source's angles from the feeder (Source.phase_angle_deg). Give source_pu as real numbers."
        )
    if not feeder.lines and not feeder.transformers:
        raise InputError(
            f"Feeder '{feeder.name}' has no line or transformer: there is no flow to model. Add one."
        )
    require_voltage(network, batch.state[0])
    return Setting(batch.state[0], batch.source_pu[0])


def require_voltage(network: Network, state: FloatArray) -> None:
    """Refuse nodes that no closed path joins to the source at a state, (state,); raises `InputError` naming the first."""
    dead = np.flatnonzero(dead_nodes(network, state))
    if len(dead):
        names = [network.node_names[k] for k in dead]
        raise InputError(_dead_message(network, names))


def feeder_as_set(network: Network, setting: Setting) -> Feeder:
    """The feeder with its lines open and closed as in the setting."""
    feeder = network.feeder
    closed = setting.state[network.states.lines] != 0
    pairs = zip(feeder.lines, closed.tolist(), strict=True)
    lines = [replace(line, closed=is_closed) for line, is_closed in pairs]
    return feeder.replace(lines=tuple(lines))


def _dead_message(network: Network, names: list[str]) -> str:
    more = ""
    if len(names) > NODES_NAMED:
        more = f" and {len(names) - NODES_NAMED} more"
    return (
        f"Feeder '{network.feeder.name}': no closed path joins node {', '.join(names[:NODES_NAMED])}{more} to the source, so a "
        "linear model has no voltage there. Close a line, or remove what is cut off."
    )
