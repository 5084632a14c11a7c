"""`ChoiceModel`: one region of a feeder, and what any set of its DERs is worth in a game, by AC.

    J(S) = sum c_i p_i + l0 [Loss(p) - Loss(0)] + lu s + rho sum_k max(0, y_k / ymax_k - 1)      [currency/h]

with p and s as `fill` has them and y the flows and voltages of the region (`watch`). All sets of all games go through batched
power flows. Taps are held: a choice is made between two replays, and the replay lets regulators act.

Loss counts over the whole feeder. DERs outside the region inject what they do in the feeder's snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np

from tieline.envs.market.conductors import Conductors
from tieline.envs.market.fill import NONE, as_members, fill, is_counted
from tieline.envs.market.games import Games, require_games
from tieline.envs.market.slopes import Slopes, slopes_of
from tieline.envs.market.watch import WatchedLimits
from tieline.errors import InputError
from tieline.network.network import Network
from tieline.network.topology import bus_graph
from tieline.opf.flow_limits import BranchLimit
from tieline.powerflow.derivatives.gradients import loss_factors
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import BoolArray, ComplexArray, FloatArray, IntArray

PENALTY = 1000.0
"""rho: an hour at one whole limit beyond a limit [currency/h]; a choice that breaks one is no best where another keeps all."""

NOTICEABLE = 0.01
"""Use of a limit by a whole DER that is worth a look: a hundredth of the limit."""

ROWS_AT_ONCE = 8192
"""Power flows solved together: enough to fill all lanes, little enough for the cache and for memory."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """Games with what is known of them before any DER is chosen.

    Attributes:
        games: the games.
        v_pu: node voltages, (game, node); they start the power flows of the sets.
        loss_kw: of the feeder, (game,).
        loss_factor: LF of each DER by the AC adjoint, (game, der) [kW/kW].
        unit_cost: u = c + l0 LF, (game, der) [currency/kWh].
        use: share of each watched limit, (game, row).
        inflow_kw, outflow_kw: what enters the region over its borders, and what leaves it, (game,).
        solved: whether the power flow has a solution, (game,); elsewhere the rest is NaN.
    """

    games: Games
    v_pu: ComplexArray
    loss_kw: FloatArray
    loss_factor: FloatArray
    unit_cost: FloatArray
    use: FloatArray
    inflow_kw: FloatArray
    outflow_kw: FloatArray
    solved: BoolArray

    @property
    def idle_objective(self) -> FloatArray:
        """J without any DER: the demand at the balancing price, and the limits that are broken already, (game,) [currency/h]."""
        worth = self.games.balancing_price * self.games.wanted_kw
        excess = np.maximum(self.use - 1.0, 0.0).sum(axis=1)
        return worth + PENALTY * excess

    def __len__(self) -> int:
        """Number of games."""
        return len(self.games)

    def take(self, rows: IntArray | slice) -> Prepared:
        """Some of the games."""
        parts = {name: getattr(self, name)[rows] for name in _PREPARED}
        return Prepared(games=self.games.take(rows), **parts)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What sets are worth, (game, set).

    Attributes:
        objective: J(S); infinite where the power flow has no solution [currency/h].
        p_kw: power of each member, (game, set, member) [kW].
        bought_kw: s, what the main feeder gives at the balancing price.
        loss_kw: of the feeder; NaN without a solution.
        excess: sum over the limits of what is used beyond them, as shares of the limits.
        solved: whether the power flow has a solution.
    """

    objective: FloatArray
    p_kw: FloatArray
    bought_kw: FloatArray
    loss_kw: FloatArray
    excess: FloatArray
    solved: BoolArray


@dataclass(frozen=True, eq=False)
class ChoiceModel:
    """A region that DERs are chosen in.

    Attributes:
        network: the feeder with all DERs.
        buses: of the region.
        ders: the DERs that can be chosen, as indices of the network's, (der,).
        watch: limits of the region.
        z_pu: |Z| of the path from the root to each DER [pu on 1 MVA], (der,).
        rated_kw: largest power of each DER, (der,).
        slopes: how losses and limits answer to the DERs at nominal load.
        borders: ends inside the region of the branches that lead out of it.
    """

    network: Network
    buses: tuple[str, ...]
    ders: IntArray
    watch: WatchedLimits
    z_pu: FloatArray
    rated_kw: FloatArray
    slopes: Slopes
    borders: Conductors

    @classmethod
    def of(
        cls,
        network: Network,
        buses: Sequence[str],
        root: str,
        limits: Sequence[BranchLimit],
        band_pu: tuple[float, float],
    ) -> ChoiceModel:
        """The model of a region.

        Args:
            network: the feeder with a generator for each DER that can be chosen.
            buses: of the region, or of several that have merged.
            root: the bus that distances count from.
            limits: of branches of the feeder; those that touch the region are watched.
            band_pu: lowest and highest voltage [pu].

        Raises:
            InputError: if no DER stands in the region, or band or limits do not fit.
            NotConvergedError: if the feeder has no solution at nominal load.
        """
        inside = frozenset(buses)
        ders = np.array(
            [k for k, der in enumerate(network.feeder.ders) if der.bus in inside],
            dtype=np.int64,
        )
        if not len(ders):
            raise InputError(
                f"No DER stands at the {len(inside)} buses of the region around '{root}': there is nothing to choose. "
                "Attach DERs there, or merge the region with another."
            )
        nominal = solve(network)
        watch = WatchedLimits.of(nominal, inside, limits, band_pu)
        rated_kw = np.array([_rated_kw(network.feeder.ders[k]) for k in ders])
        return cls(
            network=network,
            buses=tuple(buses),
            ders=ders,
            watch=watch,
            z_pu=_distance_pu(network, root, ders),
            rated_kw=rated_kw,
            slopes=slopes_of(nominal, watch, ders, rated_kw),
            borders=_borders(network, inside),
        )

    @property
    def n_ders(self) -> int:
        """DERs that can be chosen."""
        return len(self.ders)

    @cached_property
    def load_at_der(self) -> FloatArray:
        """1 where a load stands at the bus of a DER, (load, der)."""
        feeder = self.network.feeder
        load_bus = np.array([load.bus for load in feeder.loads])
        der_bus = np.array([feeder.ders[k].bus for k in self.ders])
        return (load_bus[:, None] == der_bus).astype(float)

    @cached_property
    def load_scale_kw(self) -> float:
        """Nominal load of the region, at least 1 [kW]."""
        return max(sum(self._nominal_kw.values()), 1.0)

    @cached_property
    def bus_load_kw(self) -> float:
        """Largest nominal load of a bus of the region, at least 1 [kW]."""
        return max(*self._nominal_kw.values(), 1.0)

    @cached_property
    def _nominal_kw(self) -> dict[str, float]:
        """Nominal load of each bus of the region [kW]."""
        load_kw = dict.fromkeys(self.buses, 0.0)
        for load in self.network.feeder.loads:
            if load.bus in load_kw:
                load_kw[load.bus] += load.p_kw
        return load_kw

    @cached_property
    def n_upper_rows(self) -> int:
        """Rows of `watch` that more injection can reach: branches and highest voltages, which come first."""
        return len(self.watch.flows) + len(self.watch.points.names)

    @cached_property
    def upper_rows_of(self) -> list[IntArray]:
        """Of these, the rows that each DER uses up at all."""
        slope = self.slopes.use[: self.n_upper_rows] * self.rated_kw
        return [np.flatnonzero(column > NOTICEABLE) for column in slope.T]

    def prepare(self, games: Games) -> Prepared:
        """Solve games as they are before any choice.

        Raises:
            ShapeError, InputError: if the games do not fit the region or cannot be played.
        """
        require_games(
            games,
            self.network.devices.n_loads,
            self.n_ders,
            len(self.network.feeder.regulators),
        )
        parts = [self._prepared(games.take(rows)) for rows in _blocks(len(games))]
        joined = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in _PREPARED
        }
        return Prepared(games=games, **joined)

    def _prepared(self, games: Games) -> Prepared:
        der_kw = np.tile(self.network.devices.der_kw, (len(games), 1))
        der_kw[:, self.ders] = 0.0
        solution = self._solve(games, der_kw, None)
        factor = loss_factors(solution, self.ders)
        border_kw = self.borders.kva(solution).real
        price = games.reference_price[:, None]
        return Prepared(
            games=games,
            v_pu=solution.v_pu,
            loss_kw=solution.loss_kw,
            loss_factor=factor,
            unit_cost=games.offer + price * factor,
            use=self.watch.use(solution),
            inflow_kw=-np.minimum(border_kw, 0.0).sum(axis=0),
            outflow_kw=np.maximum(border_kw, 0.0).sum(axis=0),
            solved=solution.converged,
        )

    def evaluate(self, prepared: Prepared, sets: np.ndarray) -> Outcomes:
        """J of sets.

        Args:
            prepared: games, from `prepare`.
            sets: which DERs, (game, set, member) whole numbers with -1 for none, or (game, set, der) bool; one row of games
                serves all.

        Raises:
            InputError: if a set names a DER that the region does not have.
        """
        members = as_members(np.asarray(sets))
        _require_members(members, self.n_ders)
        n_games = len(prepared.games)
        members = np.broadcast_to(members, (n_games, *members.shape[1:]))
        p_kw = self.filled_kw(prepared, members)
        n_sets = members.shape[1]
        count = n_games * n_sets
        loss_kw = np.empty(count)
        excess = np.empty(count)
        for rows in _blocks(count):
            game, of_game = np.divmod(np.arange(rows.start, rows.stop), n_sets)
            # of the prepared games only what a power flow needs is copied
            solution = self._solve(
                prepared.games.take(game),
                self._injection(members[game, of_game], p_kw[game, of_game]),
                prepared.v_pu[game],
            )
            loss_kw[rows] = solution.loss_kw
            excess[rows] = self.watch.excess(solution)
        by_set = (n_games, n_sets)
        return _outcomes(
            prepared, members, p_kw, loss_kw.reshape(by_set), excess.reshape(by_set)
        )

    def solved(
        self, prepared: Prepared, members: IntArray
    ) -> tuple[Outcomes, Solution]:
        """J of one set for each game, (game, member), and the power flows it was judged by, one scenario per game."""
        sets = members[:, None, :]
        p_kw = self.filled_kw(prepared, sets)
        der_kw = self._injection(members, p_kw[:, 0])
        solution = self._solve(prepared.games, der_kw, prepared.v_pu)
        loss_kw = solution.loss_kw[:, None]
        excess = self.watch.excess(solution)[:, None]
        return _outcomes(prepared, sets, p_kw, loss_kw, excess), solution

    def filled_kw(self, prepared: Prepared, members: IntArray) -> FloatArray:
        """Power of each member of sets, (game, set, member) [kW]."""
        games = prepared.games
        counts = is_counted(members)
        unit_cost = of_members(prepared.unit_cost, members)
        limit_kw = np.where(counts, of_members(games.p_max_kw, members), 0.0)
        return fill(unit_cost, limit_kw, games.wanted_kw[:, None])

    def _injection(self, members: IntArray, p_kw: FloatArray) -> FloatArray:
        """What every DER of the network injects, (row, der) [kW]."""
        row = np.arange(len(members))[:, None]
        chosen_kw = np.zeros((len(members), self.n_ders))
        # a member that names none has no power: the column it falls on does not matter
        np.add.at(chosen_kw, (row, members), p_kw)
        der_kw = np.tile(self.network.devices.der_kw, (len(members), 1))
        der_kw[:, self.ders] = chosen_kw
        return der_kw

    def _solve(
        self, games: Games, der_kw: FloatArray, start_pu: ComplexArray | None
    ) -> Solution:
        return solve(
            self.network,
            load_kw=games.load_kw,
            load_kvar=games.load_kvar,
            der_kw=der_kw,
            taps=games.taps,
            start_pu=start_pu,
            controls="off",
        )


_PREPARED = (
    "v_pu",
    "loss_kw",
    "loss_factor",
    "unit_cost",
    "use",
    "inflow_kw",
    "outflow_kw",
    "solved",
)


def _outcomes(
    prepared: Prepared,
    members: IntArray,
    p_kw: FloatArray,
    loss_kw: FloatArray,
    excess: FloatArray,
) -> Outcomes:
    """The terms of J put together; arrays (game, set)."""
    games = prepared.games
    paid = (of_members(games.offer, members) * p_kw).sum(axis=-1)
    more_loss_kw = loss_kw - prepared.loss_kw[:, None]
    bought_kw = games.wanted_kw[:, None] - p_kw.sum(axis=-1)
    price = games.reference_price[:, None]
    balancing = games.balancing_price[:, None] * bought_kw
    objective = paid + price * more_loss_kw + balancing + PENALTY * excess
    solved = np.isfinite(objective)
    return Outcomes(
        objective=np.where(solved, objective, np.inf),
        p_kw=p_kw,
        bought_kw=bought_kw,
        loss_kw=loss_kw,
        excess=excess,
        solved=solved,
    )


def of_members(values: FloatArray, members: IntArray) -> FloatArray:
    """Values of DERs, (game, der), at the members of sets, (game, set, member)."""
    game = np.arange(len(values))[:, None, None]
    return values[game, members]


def _require_members(members: IntArray, n_ders: int) -> None:
    if members.size and not NONE <= members.min() <= members.max() < n_ders:
        wrong = members[(members < NONE) | (members >= n_ders)][0]
        raise InputError(
            f"A set names DER {wrong}, but the region has {n_ders} DERs, numbered from 0; -1 stands for none."
        )


def _blocks(count: int) -> list[slice]:
    starts = range(0, count, ROWS_AT_ONCE)
    return [slice(first, min(first + ROWS_AT_ONCE, count)) for first in starts]


def _rated_kw(der: object) -> float:
    for name in ("rated_kva", "inverter_kva"):
        rated = getattr(der, name, None)
        if rated is not None:
            return float(rated)
    return 0.0


def _distance_pu(network: Network, root: str, ders: IntArray) -> FloatArray:
    """|Z| of the path of least impedance from the root to each DER, (der,) [pu on 1 MVA]."""
    feeder = network.feeder
    lengths = nx.single_source_dijkstra_path_length(
        bus_graph(feeder), feeder.bus(root).name, weight="z_pu"
    )
    return np.array([lengths[feeder.ders[k].bus] for k in ders])


def _borders(network: Network, buses: frozenset[str]) -> Conductors:
    """Conductors inside the region of branches that lead out of it."""
    inside_bus = np.array([bus.name in buses for bus in network.feeder.buses])
    is_inside = inside_bus[network.node_bus[network.terminals.node]]
    n_elements = len(network.elements)
    element = network.terminals.element
    inside_count = np.bincount(element[is_inside], minlength=n_elements)
    outside_count = np.bincount(element[~is_inside], minlength=n_elements)
    crosses = (inside_count > 0) & (outside_count > 0)
    return Conductors.of(network, np.flatnonzero(is_inside & crosses[element]))
