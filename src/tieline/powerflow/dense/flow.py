"""`DensePowerFlow`: the power flow of a small feeder as pure JAX, to be compiled together with what asks for it.

With d the voltages across the ports, where loads and DERs take the currents i(d), and the reduced impedance Z (`reduction`),

    d = d_open - Z i(d)

is solved in chord form, in real and imaginary parts, with the slopes T of the devices at one operating point:

    d_new = (1 + Z T)^-1 (d_open - Z (i(d) - T d))

which is one product with a fixed matrix an iteration, 3 to 8 of them. The derivative is that of the fixed point
(`fixed_point`). All node voltages, losses and currents are forms of i, worked out when asked for.

Left out, as it cannot be compiled or has no derivative: regulators and capacitor controls that act (they are held), inverters on
their characteristic, generators that hold a voltage (reactive powers are to be given), and Newton's method for loads near the
collapse, which `tieline.solve` turns to when the chord does not converge: such a row counts as not solved.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Unpack

import numpy as np
from scipy import sparse

from tieline.errors import InputError, MissingExtraError, ShapeError
from tieline.feeders.feeder import Feeder
from tieline.network.network import Network, network_of
from tieline.network.supply import dead_nodes
from tieline.powerflow.batch import make_batch
from tieline.powerflow.dense.ports import make_ports
from tieline.powerflow.dense.reduction import loss_form, reduce_network
from tieline.powerflow.kernel.served import COLLAPSED_SQ
from tieline.powerflow.options import LoadModel, limits_of
from tieline.powerflow.scenario_inputs import ScenarioInputs
from tieline.powerflow.solve import solve
from tieline.typing import ComplexArray, FloatArray, IntArray
from tieline.units import S_BASE_KVA

try:
    import jax
    import jax.numpy as jnp

    from tieline.powerflow.dense.currents import PortCurrents
    from tieline.powerflow.dense.fixed_point import Stop, fixed_point
except ModuleNotFoundError as error:
    raise MissingExtraError(
        str(error.name), "learn", "A power flow compiled by JAX"
    ) from None


class DenseAnswer(NamedTuple):
    """What a dense power flow found, in JAX arrays; ask `DensePowerFlow` for voltages, losses and currents.

    Attributes:
        current_pu: current that each port takes, complex (..., port) [pu]; NaN where there is no answer, and with it all that
            follows.
        across_pu: voltages across the ports, real parts and then imaginary ones, (..., 2 port) [pu]: where the next solve may
            start.
        solved: whether the row has an answer, (...,).
        error_pu: estimated error of the voltages, (...,) [pu].
        iterations: of the loop, which goes on until all rows have settled.
    """

    current_pu: Any
    across_pu: Any
    solved: Any
    error_pu: Any
    iterations: Any


class Phasors(NamedTuple):
    """Complex numbers that are linear in the currents of the ports: `constant` (row,) + `by_current` (row, port) i."""

    constant: ComplexArray
    by_current: ComplexArray

    def __call__(self, answer: DenseAnswer) -> Any:
        """Their values, complex (..., row)."""
        return self.constant + answer.current_pu @ self.by_current.T


class DensePowerFlow:
    """The power flow of a network with its controls held, compiled by JAX.

        flow = DensePowerFlow(network)
        with jax.enable_x64(True):
            answer = flow.solve(load_kw=load_kw, load_kvar=load_kvar)
            vm_pu = jnp.abs(flow.v_pu(answer))

    All methods are pure functions for `jit`, `vmap`, `scan` and `grad` (reverse mode), to be called where JAX has its 64-bit
    types on: `with jax.enable_x64(True):` turns them on for a block, and nothing here does it behind anybody's back.

    Args:
        network: feeder arrays; or a feeder, or the name or path of one.
        load_model: as for `solve`.
        tolerance: of voltages [pu].
        max_iterations: after which a row that has not settled counts as not solved.
        is_fixed: make `max_iterations` iterations, whatever the error: what is to run on an accelerator need not ask it.
        inputs: as for `solve`, one scenario. `taps`, `line_closed`, `capacitor_steps` and `source_pu` are held as they are;
            powers say around which operating point iterations converge fastest, and stand in where `solve` is not given any.

    Raises:
        InputError: if `inputs` have a scenario axis, or a node is tied to nothing but loads.
        NotConvergedError: if the operating point has no answer.
        MissingExtraError: if JAX is not installed.
    """

    def __init__(
        self,
        network: Network | Feeder | str | Path,
        *,
        load_model: LoadModel = "feeder",
        tolerance: float = 1e-10,
        max_iterations: int = 60,
        is_fixed: bool = False,
        **inputs: Unpack[ScenarioInputs],
    ) -> None:
        self.network = network_of(network, "DensePowerFlow")
        limits = limits_of(tolerance, max_iterations)
        base = _operating_point(self.network, load_model, inputs)
        source_pu = make_batch(self.network, **inputs).source_pu[0]
        devices = self.network.devices
        self._state = base.state[0]
        self._p_kw = base.p_kw[0]
        self._q_kvar = base.q_kvar[0]
        is_dead = dead_nodes(self.network, self._state)
        self.ports = make_ports(devices, is_dead, base.use_band)
        self.reduction = reduce_network(
            self.network, self._state, source_pu, self.ports
        )
        self._currents = PortCurrents(self.ports.bands)
        self._base = self._across(base.v_pu[0])
        self._make_chord(self.ports.slopes(base))
        self.tolerance = limits.tolerance
        stop = Stop(limits.tolerance, limits.max_iterations, is_fixed)
        self._settle = fixed_point(self._step, stop)

    def __repr__(self) -> str:
        """What a user wants to know at a prompt."""
        network = self.network
        return (
            f"DensePowerFlow of feeder '{network.feeder.name}', {network.n_nodes} nodes seen through {self.ports.count} ports, "
            "controls held"
        )

    def solve(
        self,
        load_kw: Any = None,
        load_kvar: Any = None,
        der_kw: Any = None,
        der_kvar: Any = None,
        *,
        start_pu: Any = None,
    ) -> DenseAnswer:
        """Solve one scenario or many.

        Args:
            load_kw, load_kvar: consumption at rated voltage, (..., load) [kW, kvar].
            der_kw, der_kvar: injection, (..., der) [kW, kvar].
                Leading axes broadcast; what is left out is as in the operating point.
            start_pu: `across_pu` of an answer near by, such as that of the step before, (..., 2 port) [pu]: spares an iteration
                or two. It changes nothing else, and has no derivative.

        Raises:
            InputError: if JAX has its 64-bit types off, or reactive powers of DERs are left out that answer to voltages.
            ShapeError: if an array does not fit the network.
        """
        power = self._port_power(load_kw, load_kvar, der_kw, der_kvar)
        first_pu = self._base if start_pu is None else start_pu
        settled = self._settle(jnp.broadcast_to(first_pu, power.shape), power)
        is_settled = settled.error <= self.tolerance
        # a sound voltage in place of what has not settled: NaN times a derivative of 0 would be NaN
        across = jnp.where(is_settled[..., None], settled.value, self._base)
        solved = is_settled & ~_has_collapsed(across, power)
        re, im = jnp.split(self._currents(across, power), 2, axis=-1)
        current_pu = jnp.where(solved[..., None], re + 1j * im, jnp.nan)
        return DenseAnswer(
            current_pu, across, solved, settled.error, settled.iterations
        )

    def v_pu(self, answer: DenseAnswer) -> Any:
        """Node voltages, complex (..., node) [pu]; 0 where de-energised."""
        return self._node_voltages(answer)

    def loss_kw(self, answer: DenseAnswer) -> Any:
        """Active loss of lines and transformers, (...,) [kW]."""
        current_pu = answer.current_pu
        one = jnp.ones((*current_pu.shape[:-1], 1))
        x = jnp.concatenate([one, current_pu.real, current_pu.imag], axis=-1)
        return (x @ self._loss_form * x).sum(axis=-1) * S_BASE_KVA

    def source_kva(self, answer: DenseAnswer) -> Any:
        """Power that the source delivers, complex (...,) [kVA]."""
        v_pu, current_pu = self._source_phasors
        power = v_pu(answer) * jnp.conj(current_pu(answer))
        return power.sum(axis=-1) * S_BASE_KVA

    def terminal_currents(self, terminals: IntArray) -> Phasors:
        """Currents into some terminal conductors, indices into `network.terminals` such as `network.first_ends`: a function of
        the answer, complex (..., terminal) [pu]. In ampere: times `network.node_base_a[network.terminals.node[terminals]]`.
        """
        admittance = self.network.terminal_admittance(self._state)
        return self.phasors(admittance[terminals])

    def phasors(self, form: Any) -> Phasors:
        """What is linear in the node voltages, as a function of the answer.

        Args:
            form: weights of the node voltages, (row, node), a NumPy or SciPy array; such as `VoltagePoints.across`.

        Returns:
            A function: answer -> complex (..., row).
        """
        reduction = self.reduction
        return Phasors(form @ reduction.open_pu, -(form @ reduction.impedance_pu))

    @cached_property
    def _node_voltages(self) -> Phasors:
        return Phasors(self.reduction.open_pu, -self.reduction.impedance_pu)

    @cached_property
    def _source_phasors(self) -> tuple[Phasors, Phasors]:
        """Voltage of the source's nodes and what it delivers there: into all elements but itself, and into devices."""
        network = self.network
        nodes = network.source_nodes
        terminals = np.flatnonzero(~network.is_kind("source"))
        node = network.terminals.node[terminals]
        shape = (network.n_nodes, len(terminals))
        ones = np.ones(len(terminals))
        gather = sparse.csr_array((ones, (node, np.arange(len(terminals)))), shape)
        admittance = network.terminal_admittance(self._state)[terminals]
        into_elements = self.phasors((gather @ admittance)[nodes])
        into_devices = self.ports.incidence(network.n_nodes).T.tocsr()[nodes]
        delivered = Phasors(
            into_elements.constant - network.driven_pu[nodes],
            into_elements.by_current + into_devices.toarray(),
        )
        at_nodes = sparse.csr_array(sparse.eye_array(network.n_nodes))[nodes]
        return self.phasors(at_nodes), delivered

    @cached_property
    def _loss_form(self) -> FloatArray:
        """The loss as a quadratic form of (1, real parts, imaginary parts) of the currents, (1 + 2 port, 1 + 2 port) [pu]."""
        hermitian = loss_form(self.network, self._state, self.reduction)
        real = _in_parts(hermitian)
        # the constant 1 has no imaginary part
        return np.delete(np.delete(real, len(hermitian), 0), len(hermitian), 1)

    def _make_chord(self, slopes: FloatArray) -> None:
        """Matrices of the iteration, in real and imaginary parts, rows being scenarios."""
        incidence = self.ports.incidence(self.network.n_nodes)
        impedance = np.asarray(incidence @ self.reduction.impedance_pu)
        open_pu = self._across(self.reduction.open_pu)
        z = _in_parts(impedance)
        rows = [np.hstack([np.diag(part) for part in row]) for row in slopes]
        chord = np.eye(len(z)) + z @ np.vstack(rows)
        self._slopes = slopes
        self._start = np.linalg.solve(chord, open_pu)
        # scenarios are rows: the matrix stands on the right, turned round
        self._matrix = np.ascontiguousarray(np.linalg.solve(chord, z).T)

    def _across(self, v_pu: ComplexArray) -> FloatArray:
        """Voltages across the ports, real parts and then imaginary ones, (2 port,) [pu]."""
        across_pu = self.ports.incidence(self.network.n_nodes) @ v_pu
        return np.concatenate([np.real(across_pu), np.imag(across_pu)])

    def _step(self, across: Any, power: Any) -> Any:
        """One iteration, (..., 2 port)."""
        re, im = jnp.split(across, 2, axis=-1)
        (by_re, by_im), (im_by_re, im_by_im) = self._slopes
        of_slopes = jnp.concatenate(
            [by_re * re + by_im * im, im_by_re * re + im_by_im * im], axis=-1
        )
        beyond_slopes = self._currents(across, power) - of_slopes
        return self._start - beyond_slopes @ self._matrix

    def _port_power(
        self, load_kw: Any, load_kvar: Any, der_kw: Any, der_kvar: Any
    ) -> Any:
        """P and then Q that each port is asked for, (..., 2 port) [pu]."""
        if not getattr(jax.config, "jax_enable_x64"):  # noqa: B009 - types do not know it
            raise InputError(
                "A dense power flow needs JAX's 64-bit types. Call it inside `with jax.enable_x64(True):`, or set "
                "jax_enable_x64 for the whole program."
            )
        if der_kvar is None:
            _require_no_answering(self.network)
        p = self._at_ports(load_kw, der_kw, self._p_kw, "kw")
        q = self._at_ports(load_kvar, der_kvar, self._q_kvar, "kvar")
        p, q = jnp.broadcast_arrays(p, q)
        return jnp.concatenate([p, q], axis=-1)

    def _at_ports(self, load: Any, der: Any, base: FloatArray, unit: str) -> Any:
        """The power of all devices at the ports, (..., port) [pu]."""
        n_loads = self.network.devices.n_loads
        per_load, per_der = np.split(self.ports.per_kva, [n_loads])
        load_base, der_base = np.split(base, [n_loads])
        consumed = _as_rows(load, load_base, f"load_{unit}") @ per_load
        # a DER injects
        injected = _as_rows(der, -der_base, f"der_{unit}") @ per_der
        return consumed - injected


def _as_rows(values: Any, base: FloatArray, name: str) -> Any:
    """Values in double precision, (..., device); those of the operating point if None."""
    if values is None:
        return jnp.asarray(base)
    rows = jnp.asarray(values, dtype=jnp.float64)
    if rows.ndim == 0 or rows.shape[-1] != len(base):
        raise ShapeError(
            f"{name} has shape {rows.shape}; expected (..., {len(base)}), a number for each in the network's order."
        )
    return rows


def _has_collapsed(across: Any, power: Any) -> Any:
    """Whether every port that asks for power is below the voltage at which `solve` speaks of a collapse, (...,)."""
    re, im = jnp.split(across, 2, axis=-1)
    p, q = jnp.split(power, 2, axis=-1)
    asks = (p != 0) | (q != 0)
    has_voltage = re**2 + im**2 > COLLAPSED_SQ
    return asks.any(axis=-1) & ~(asks & has_voltage).any(axis=-1)


def _in_parts(matrix: ComplexArray) -> FloatArray:
    """A complex matrix as one of real numbers that takes real parts and then imaginary ones."""
    re, im = np.real(matrix), np.imag(matrix)
    return np.block([[re, -im], [im, re]])


def _operating_point(network: Network, load_model: LoadModel, inputs: Any) -> Any:
    """The solution of one scenario with everything held."""
    # reactive powers given: no generator then holds a voltage, and no inverter follows a curve
    decided_inputs = {"der_kvar": network.devices.der_kvar, **inputs}
    solution = solve(network, controls="off", load_model=load_model, **decided_inputs)
    if solution.n_scenarios != 1:
        raise InputError(
            f"DensePowerFlow takes one operating point, and was given {solution.n_scenarios} scenarios. Give powers of many "
            "scenarios to its method solve; taps, lines, capacitors and the source are the same for all."
        )
    if not solution.converged[0]:
        raise InputError(f"The operating point {solution.reason(0)}")
    return solution


def _require_no_answering(network: Network) -> None:
    """Refuse to guess reactive powers that answer to voltages."""
    feeder = network.feeder
    names = [control.name for control in feeder.inverter_controls]
    if network.voltage_holders.count:
        names.append("a generator that holds a voltage")
    if names:
        raise InputError(
            f"Feeder '{feeder.name}' has reactive powers that answer to voltages ({names[0]}), which a dense power flow does not "
            "do. Give der_kvar, or use tieline.solve."
        )
