"""What regulators and capacitor controls read, as phasors that are linear in the node voltages.

Every phasor on the secondary side of a meter is

    z = sum of coefficient * state[a] * state[b] * v[node],

be it a voltage, a current or the voltage that a line-drop compensator makes of both. A reading is the magnitude of a phasor, or
the reactive power of pairs of them, voltage and current of one conductor after the other; with the voltages turned by 90 degrees
that is the active power. What a control makes of its readings, such as the highest of several phases, is for it to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from tieline.network.capacitor_controls import CURRENT, KVAR, POWER_FACTOR, TIME
from tieline.network.devices import GROUND
from tieline.network.network import Network
from tieline.network.regulators import MeteredPhase
from tieline.units import S_BASE_KVA

NETWORKS_KEPT = 16
"""Networks whose meters are remembered: a study works on a few at a time."""

Term = tuple[int, complex, int, int]
"""Node, coefficient, and two states, as in the admittance entries."""

Phasor = list[Term]
Reading = list[Phasor]
"""One phasor, or voltage and current of one conductor after the other."""

ACTIVE = complex(0.0, S_BASE_KVA)
"""Turns voltages by 90 degrees: the reactive power of what comes out is the active power [kW]."""

NO_READING: Reading = [[]]
"""Shows zero."""

LOCAL, FORWARD, REVERSE, CURRENT_A = range(4)
"""Readings of each phase that an elaborate regulator looks at: voltage of its winding, that voltage or the remote one as
compensated with power flowing forward and in reverse, current [V, V, V, A]; all on the secondary side.
"""

PER_PHASE = 4


@dataclass
class Readings:
    """The readings of all controls: first one of each regulator, its compensated voltage [V]; the rest from the places named.

    Attributes:
        readings: in the order of the meters.
        is_power: which of them are powers [kW, kvar].
        regulators: where the further readings of each elaborate regulator begin, `PER_PHASE` for each phase that it looks at and
            then the active power into its winding; 0 for a simple one.
        voltages: of each capacitor control, the first voltage that it looks at, and how many there are.
        measured: likewise what it acts on; by power factor these are kvar and kW.
    """

    readings: list[Reading] = field(default_factory=list)
    is_power: list[bool] = field(default_factory=list)
    regulators: list[int] = field(default_factory=list)
    voltages: list[tuple[int, int]] = field(default_factory=list)
    measured: list[tuple[int, int]] = field(default_factory=list)

    def add(self, *readings: Reading, is_power: bool = False) -> tuple[int, int]:
        """Add readings; returns the place of the first and how many they are."""
        first = len(self.readings)
        self.readings += readings
        self.is_power += [is_power] * len(readings)
        return first, len(readings)


@lru_cache(maxsize=NETWORKS_KEPT)
def readings_of(network: Network) -> Readings:
    """The readings of all controls of a network."""
    readings = Readings()
    regulators = network.feeder.regulators
    for k, regulator in enumerate(regulators):
        z_v = complex(regulator.r_v, regulator.x_v)
        readings.add([_compensated_voltage(network, k, 0, z_v)])
    for k in range(len(network.feeder.capacitor_controls)):
        readings.voltages.append(readings.add(*_voltages(network, k)))
        readings.measured.append(_add_measured(network, k, readings))
    for k in range(len(regulators)):
        first = 0
        if is_elaborate(network, k):
            first = _add_elaborate(network, k, readings)
        readings.regulators.append(first)
    return readings


def is_elaborate(network: Network, k: int) -> bool:
    """Whether one compensated voltage does not tell what regulator k wants."""
    regulator = network.feeder.regulators[k]
    return (
        regulator.reverse_mode != "none"
        or regulator.phase_rule != "one"
        or regulator.v_limit_v is not None
        or regulator.z_v != 0
        or regulator.inverse_time
    )


def _add_elaborate(network: Network, k: int, readings: Readings) -> int:
    """The further readings of an elaborate regulator; returns the place of the first."""
    regulator = network.feeder.regulators[k]
    forward_v = complex(regulator.r_v, regulator.x_v)
    reverse_v = complex(regulator.reverse_r_v, regulator.reverse_x_v)
    phases = network.regulators.phases[k]
    places = []
    for place, phase in enumerate(phases):
        by_number = {
            LOCAL: [_local_voltage(network, k, phase)],
            FORWARD: [_compensated_voltage(network, k, place, forward_v)],
            REVERSE: [_compensated_voltage(network, k, place, reverse_v)],
            CURRENT_A: [_drop(network, k, phase, complex(1.0))],
        }
        first, _ = readings.add(*(by_number[number] for number in range(PER_PHASE)))
        places.append(first)
    power: Reading = []
    if regulator.reverse_mode != "none":
        power = _power(network, _conductors_beside(network, phases[0]), ACTIVE)
    readings.add(power, is_power=True)
    return places[0]


def _conductors_beside(network: Network, phase: MeteredPhase) -> np.ndarray:
    """All conductors of the winding that a phase belongs to, indices into `Network.terminals`."""
    element = network.terminals.element
    side = network.terminals.side
    is_beside = element == element[phase.terminal]
    return np.flatnonzero(is_beside & (side == side[phase.terminal]))


def _local_voltage(network: Network, k: int, phase: MeteredPhase) -> Phasor:
    """Voltage of one phase of the winding of regulator k [V]."""
    ratio = network.feeder.regulators[k].pt_ratio
    return _voltage_between(network, phase.plus, phase.minus, ratio)


def _compensated_voltage(network: Network, k: int, place: int, z_v: complex) -> Phasor:
    """V / pt_ratio + z I / ct_primary of a phase of regulator k [V], without I where the voltage is that of a remote bus."""
    regulator = network.feeder.regulators[k]
    remote = network.regulators.remote[k]
    if remote is not None:
        ratio = regulator.remote_pt_ratio or regulator.pt_ratio
        return _voltage_between(network, *remote, ratio)
    phase = network.regulators.phases[k][place]
    # the current flows into the winding, hence the drop is added
    return _local_voltage(network, k, phase) + _drop(network, k, phase, z_v)


def _drop(network: Network, k: int, phase: MeteredPhase, z_v: complex) -> Phasor:
    """z I / ct_primary of a phase of regulator k [V]."""
    ct_primary_a = network.feeder.regulators[k].ct_primary_a
    drop = z_v / ct_primary_a * network.node_base_a[phase.plus]
    return _current(network, phase.terminal, drop) if drop != 0 else []


def _voltages(network: Network, k: int) -> list[Reading]:
    """The voltages that capacitor control k looks at [V]."""
    table = network.capacitor_controls
    ratio = table.pt_ratio[k]
    readings = []
    for plus, minus in table.voltages[k]:
        readings.append([_voltage_between(network, plus, minus, ratio)])
    # one that looks at none still has its place
    return readings or [NO_READING]


def _add_measured(network: Network, k: int, readings: Readings) -> tuple[int, int]:
    """What capacitor control k acts on."""
    table = network.capacitor_controls
    kind = table.kind[k]
    if kind == CURRENT:
        return readings.add(*_currents(network, k))
    if kind == KVAR:
        power = _power(network, table.power[k], S_BASE_KVA)
        return readings.add(power, is_power=True)
    if kind == POWER_FACTOR:
        reactive = _power(network, table.power[k], S_BASE_KVA)
        active = _power(network, table.power[k], ACTIVE)
        return readings.add(reactive, active, is_power=True)
    if kind == TIME:
        return readings.add(NO_READING)
    return readings.voltages[k]


def _currents(network: Network, k: int) -> list[Reading]:
    """The currents that capacitor control k looks at [A]."""
    table = network.capacitor_controls
    readings = []
    for terminal in map(int, table.currents[k]):
        base_a = network.node_base_a[network.terminals.node[terminal]]
        readings.append([_current(network, terminal, base_a / table.ct_ratio[k])])
    return readings


def _power(network: Network, terminals: np.ndarray, scale: complex) -> Reading:
    """Voltage, times `scale`, and current of each of some terminal conductors in turn."""
    reading: Reading = []
    for terminal in map(int, terminals):
        node = int(network.terminals.node[terminal])
        reading.append([(node, complex(scale), 0, 0)])
        reading.append(_current(network, terminal, 1.0))
    return reading


def _voltage_between(network: Network, plus: int, minus: int, ratio: float) -> Phasor:
    """Voltage between two nodes of one bus [V], behind a potential transformer."""
    scale = complex(network.node_kv[plus] * 1e3 / ratio)
    phasor: Phasor = [(plus, scale, 0, 0)]
    if minus != GROUND:
        phasor.append((minus, -scale, 0, 0))
    return phasor


def _current(network: Network, terminal: int, scale: complex) -> Phasor:
    """Current into a terminal conductor [pu], times `scale`."""
    entries = network.entries
    phasor: Phasor = []
    for k in np.flatnonzero(entries.row == terminal):
        coefficient = complex(entries.value[k] * scale)
        node = int(entries.column[k])
        state_a = int(entries.state_a[k])
        state_b = int(entries.state_b[k])
        phasor.append((node, coefficient, state_a, state_b))
    return phasor
