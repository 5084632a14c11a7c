"""`Island`: a network that droop units hold, and where the search for its operating point starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.devices import DroopUnits
from tieline.feeders.feeder import Feeder
from tieline.network.forming import forming_nodes, unit_phasors, with_forming_buses
from tieline.network.network import Network
from tieline.powerflow.solve import solve
from tieline.typing import ComplexArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Island:
    """A network and the droop units that hold it.

    Attributes:
        network: its source nodes are the phases of the units' buses, unit by unit.
        units: ratings and laws.
    """

    network: Network
    units: DroopUnits

    @property
    def n_units(self) -> int:
        """Number of droop units."""
        return len(self.units.names)

    @cached_property
    def unit_nodes(self) -> IntArray:
        """Nodes that each unit holds, (unit, phase)."""
        return forming_nodes(self.network)

    @cached_property
    def phasors(self) -> ComplexArray:
        """Voltage of each phase of a unit at one per unit and angle 0, (phase,) [pu]."""
        return unit_phasors(self.network)

    @cached_property
    def first_alone(self) -> Network:
        """The network held by the first unit only."""
        return with_forming_buses(self.network, self.units.buses[:1])

    @cached_property
    def no_load_angle_rad(self) -> FloatArray:
        """Angle of each unit's bus behind the first one where nothing is loaded, (unit,) [rad].

        Transformers between units shift it by multiples of 30 degrees: from angle 0 the search would begin with a short circuit.
        """
        if self.n_units == 1:
            return np.zeros(1)
        no_injection = np.zeros(len(self.network.feeder.ders))
        idle = solve(
            self.first_alone,
            controls="off",
            source_pu=1.0,
            load_scale=0.0,
            der_kw=no_injection,
            der_kvar=no_injection,
        )
        # the mean over the phases, turned back to the first one: the positive sequence
        at_units = idle.v_pu[0, self.unit_nodes] * np.conj(self.phasors)
        return np.angle(at_units.sum(axis=1))

    def of_units(self, units: IntArray) -> Island:
        """The same island held by some of its units only; the others stand still."""
        fewer = self.units.of_units(units)
        return Island(with_forming_buses(self.network, fewer.buses), fewer)


def make_island(feeder: Feeder, units: DroopUnits) -> Island:
    """The island of a feeder and droop units.

    Args:
        feeder: with an ideal source anywhere in it, which gives way to the units; loads and all other DERs are the feeder's.
        units: ratings and laws.

    Raises:
        FeederError, InputError: if the feeder has errors, or a unit cannot stand where it should.
    """
    network = with_forming_buses(Network.from_feeder(feeder), units.buses)
    return Island(network, units)
