"""`LinearModel`: what all linear models of a feeder have in common, so that an optimiser can use any of them.

A model is a sparse system in unknowns x (voltages and angles), driven by the power that devices and nodes take:

    system x = fixed + by_kw p + by_kvar q            p, q: consumption [kW, kvar]
    |v|^voltage_power = voltage(x),   P = p_kw(x),   Q = q_kvar(x)      each a matrix times x plus a constant

An optimiser takes this system as it stands (sparse, for thousands of nodes), or the maps with x eliminated,

    |v|^voltage_power = constant("voltage") + sensitivity("voltage", "load_kw") load_kw + ...

which are dense. The system is factorised once, sparse; no inverse is formed, and a dense map is worked out for the inputs asked
for only, up to `LARGEST_MAP` numbers. LinDistFlow is linear in squared voltages: `voltage_power` says so, `limit` turns a
limit into the model's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Unpack, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import SuperLU, splu

from tieline.errors import InputError, ShapeError
from tieline.linear.affine import Affine
from tieline.linear.blocks import apply
from tieline.linear.losses import Loss
from tieline.linear.setting import Setting
from tieline.linear.voltage_model import Drive, VoltageModel
from tieline.network.voltage_holders import require_no_holders
from tieline.powerflow.batch import make_batch
from tieline.powerflow.scenario_inputs import DevicePowers, require_known
from tieline.typing import FloatArray, IntArray

Output = Literal["voltage", "p_kw", "q_kvar"]
Input = Literal["load_kw", "load_kvar", "der_kw", "der_kvar", "node_kw", "node_kvar"]
"""As in `powerflow.gradients`: loads consume, DERs inject, `node_*` is consumption at a node beside them."""

LARGEST_MAP = 50_000_000
"""Numbers in a dense map (0.4 GB): every input of a feeder of a few thousand nodes, some inputs of a larger one."""

COLUMNS_AT_ONCE = 64
"""Right-hand sides solved together: more leave the cache, which takes ten times as long at thousands of unknowns."""


@dataclass(frozen=True, eq=False)
class LinearModel(VoltageModel):
    """A linear model of one network at one setting, with flows and losses.

    Attributes:
        name: "lpf", "lindistflow", "dc" or "tangent".
        setting: taps, lines, capacitors and source voltage it holds.
        nodes: what power taken at nodes drives.
        p_kw, q_kvar: flow into the branches [kW, kvar].
        loss: active loss of lines and transformers.
    """

    name: str
    setting: Setting
    nodes: Drive
    p_kw: Affine
    q_kvar: Affine
    loss: Loss

    @property
    def branch_terminal(self) -> IntArray:
        """The branch axis: first ends of lines and transformers; flow into a branch there is positive, that of an open line 0."""
        return self.network.first_ends

    @cached_property
    def branch_names(self) -> tuple[str, ...]:
        """ "kind.element.phase" of each branch."""
        terminals = self.network.terminals
        names = []
        for terminal in self.branch_terminal:
            element = terminals.element[terminal]
            node = terminals.node[terminal]
            kind, name = self.network.elements[element]
            phase = self.network.node_names[node].rpartition(".")[2]
            names.append(f"{kind}.{name}.{phase}")
        return tuple(names)

    def evaluate(self, **powers: Unpack[DevicePowers]) -> LinearSolution:
        """Voltages, flows and losses of one or many scenarios; inputs as in `powerflow.solve`.

        Raises:
            ShapeError, InputError: if an input does not fit the network.
            TypeError: for an input by another name; positions are those that the model was built at.
        """
        require_known(powers, DevicePowers)
        require_no_holders(
            self.network.feeder, "A linear model", powers.get("der_kvar")
        )
        batch = make_batch(self.network, **powers)
        return self.evaluate_devices(batch.p_kw, batch.q_kvar)

    def evaluate_devices(self, p_kw: FloatArray, q_kvar: FloatArray) -> LinearSolution:
        """The same for the consumption of all devices at rated voltage, (scenario or 1, device) [kW, kvar]."""
        driven = apply(self.devices.by_kw, p_kw) + apply(self.devices.by_kvar, q_kvar)
        return LinearSolution(self, self._solve(self.fixed + driven))

    def limit(self, v_pu: ArrayLike) -> FloatArray:
        """A voltage limit [pu] as a limit of `voltage`."""
        return np.asarray(v_pu, dtype=float) ** self.voltage_power

    def constant(self, output: Output) -> FloatArray:
        """An output with no device taking power, (row,)."""
        unloaded = self._solve(self.fixed[None, :])
        return self._output(output)(unloaded)[0]

    def sensitivity(
        self,
        output: Output,
        by: Input,
        columns: ArrayLike | None = None,
        rows: ArrayLike | None = None,
    ) -> FloatArray:
        """Change of an output per kW or kvar of inputs of one kind.

        Args:
            output: voltage (to the power `voltage_power`), p_kw or q_kvar.
            by: the kind of input.
            columns: which inputs of that kind; None takes all.
            rows: which voltages or branches; None takes all. The work is one solve for each row or for each column, whichever
                are fewer.

        Returns:
            Dense, (row, input). NaN for power at a node without voltage (a neutral), which is no power.

        Raises:
            InputError: if the map would have more than `LARGEST_MAP` numbers, or a name, row or column does not exist.
        """
        affine = self._output(output)
        inputs = self._input_indices(by, columns)
        outputs = _indices(rows, "rows", output, len(affine.constant))
        if len(outputs) * len(inputs) > LARGEST_MAP:
            raise InputError(
                f"The map of {len(outputs)} outputs '{output}' by {len(inputs)} inputs '{by}' is too large to be dense. Choose "
                "some with `rows` and `columns`, or use the sparse equations `system`, `devices` and `nodes` of the model."
            )
        output_rows = affine.matrix[outputs]
        driven = self._driven(by)[:, inputs]
        if len(outputs) < len(inputs):
            return self._by_rows(output_rows, driven)
        return self._by_columns(output_rows, driven)

    def _by_columns(
        self, outputs: sparse.csr_array, driven: sparse.csc_array
    ) -> FloatArray:
        n_inputs = len(driven.indptr) - 1
        change = np.empty((len(outputs.indptr) - 1, n_inputs))
        for first in range(0, n_inputs, COLUMNS_AT_ONCE):
            block = slice(first, first + COLUMNS_AT_ONCE)
            x = self.factors.solve(driven[:, block].toarray())
            change[:, block] = outputs @ x
        return change

    def _by_rows(
        self, outputs: sparse.csr_array, driven: sparse.csc_array
    ) -> FloatArray:
        n_outputs = len(outputs.indptr) - 1
        change = np.empty((n_outputs, len(driven.indptr) - 1))
        for block, weight in self._weights(outputs):
            change[block] = (driven.T @ weight).T
        return change

    def device_slopes(
        self, output: Output, rows: ArrayLike
    ) -> tuple[FloatArray, FloatArray]:
        """Change of some outputs per kW and per kvar that each device consumes, (row, device) each; one solve for each row."""
        affine = self._output(output)
        outputs = _indices(rows, "rows", output, len(affine.constant))
        shape = (len(outputs), len(self.network.devices.p_kw))
        by_kw = np.empty(shape)
        by_kvar = np.empty(shape)
        for block, weight in self._weights(affine.matrix[outputs]):
            by_kw[block] = (self.devices.by_kw.T @ weight).T
            by_kvar[block] = (self.devices.by_kvar.T @ weight).T
        return by_kw, by_kvar

    def _weights(self, outputs: sparse.csr_array) -> Iterator[tuple[slice, FloatArray]]:
        """Change of outputs by each equation's right-hand side, (equation, output), some outputs at a time."""
        for first in range(0, len(outputs.indptr) - 1, COLUMNS_AT_ONCE):
            block = slice(first, first + COLUMNS_AT_ONCE)
            right = outputs[block].T.toarray()
            yield block, self.factors.solve(right, "T")

    def loss_gradient(self, solution: LinearSolution, by: Input) -> FloatArray:
        """Derivative of the model's own loss by all inputs of a kind, (scenario, input) [kW per kW or kvar]."""
        # One transposed solve per scenario gives the loss by every right-hand side, and so by every input.
        weight = self._solve(self.loss.gradient(solution.x), transposed=True)
        return apply(self._driven(by).T, weight)

    @cached_property
    def factors(self) -> SuperLU:
        """The system, factorised."""
        return splu(self.system)

    def _solve(self, right: FloatArray, transposed: bool = False) -> FloatArray:
        """Unknowns for right-hand sides (scenario, unknown)."""
        mode = "T" if transposed else "N"
        x = np.empty(right.shape)
        for first in range(0, len(right), COLUMNS_AT_ONCE):
            block = slice(first, first + COLUMNS_AT_ONCE)
            columns = np.ascontiguousarray(right[block].T)
            x[block] = self.factors.solve(columns, mode).T
        return x

    def _output(self, output: str) -> Affine:
        if output not in get_args(Output):
            raise InputError(
                f"'{output}' is no output of a linear model. Choose from {', '.join(get_args(Output))}."
            )
        return getattr(self, output)

    def _input_indices(self, by: str, columns: ArrayLike | None) -> IntArray:
        """Inputs of one kind to work out, all if none are named."""
        n_devices = len(self.network.devices.p_kw)
        count = n_devices
        if _kind(by) == "node":
            count = self.network.n_nodes
        inputs = range(count)[self._inputs(by)]
        return _indices(columns, "columns", by, len(inputs))

    def _driven(self, by: str) -> sparse.csc_array:
        """Right-hand sides of all inputs of one kind, (unknown, input)."""
        drive = self.devices
        if _kind(by) == "node":
            drive = self.nodes
        # Drives are per power consumed, and DERs inject.
        sign = 1.0
        if _kind(by) == "der":
            sign = -1.0
        per_power = drive.by_kvar
        if by.endswith("_kw"):
            per_power = drive.by_kw
        inputs = self._inputs(by)
        return sparse.csc_array(sign * per_power[:, inputs])

    def _inputs(self, by: str) -> slice:
        """Where inputs of one kind stand among the nodes or devices."""
        n_loads = self.network.devices.n_loads
        slices = {
            "node": slice(None),
            "load": slice(n_loads),
            "der": slice(n_loads, None),
        }
        return slices[_kind(by)]


@dataclass(frozen=True, eq=False)
class LinearSolution:
    """What a linear model says of a batch; scenario axis first.

    Attributes:
        model: the model.
        x: its unknowns, (scenario, unknown).
    """

    model: LinearModel
    x: FloatArray

    @cached_property
    def vm_pu(self) -> FloatArray:
        """Voltage magnitudes, (scenario, point) [pu]; NaN where the model has none (a negative square)."""
        value = self.model.voltage(self.x)
        if self.model.voltage_power == 1:
            return value
        square = np.where(value < 0, np.nan, value)
        return np.sqrt(square)

    @cached_property
    def p_kw(self) -> FloatArray:
        """Active flow into each branch, (scenario, branch) [kW]."""
        return self.model.p_kw(self.x)

    @cached_property
    def q_kvar(self) -> FloatArray:
        """Reactive flow into each branch, (scenario, branch) [kvar]."""
        return self.model.q_kvar(self.x)

    @cached_property
    def loss_kw(self) -> FloatArray:
        """Active loss of lines and transformers, (scenario,) [kW]."""
        return self.model.loss.kw(self.x)


def _kind(by: str) -> str:
    """node, load or der."""
    if by not in get_args(Input):
        raise InputError(
            f"'{by}' is no input of a linear model. Choose from {', '.join(get_args(Input))}."
        )
    return by.partition("_")[0]


def _indices(positions: ArrayLike | None, axis: str, name: str, count: int) -> IntArray:
    """Indices among `count` of a kind, all if none are named; `axis` is the argument that names them."""
    if positions is None:
        return np.arange(count)
    index = np.asarray(positions)
    if index.ndim != 1 or (len(index) and index.dtype.kind not in "iu"):
        raise ShapeError(
            f"{axis} must be a list of indices of '{name}'; got shape {index.shape}, type {index.dtype}."
        )
    # Checked here since a negative index would count from the end, without a word.
    if len(index) and not 0 <= index.min() <= index.max() < count:
        kind = {"columns": "inputs", "rows": "outputs"}[axis]
        raise InputError(
            f"{axis}: '{name}' has {kind} 0 to {count - 1}; got {index.min()} to {index.max()}."
        )
    return index.astype(np.int64)
