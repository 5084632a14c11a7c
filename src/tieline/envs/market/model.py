"""`ChoiceModel`: one region of a feeder, and what any set of its DERs is worth in a game, by AC.

All sets of all games go through batched power flows. Taps are held: a choice is made between two replays, and the replay lets
regulators act. DERs outside the region inject what they do in the feeder's snapshot. `objective` has J.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tieline.envs.market.conductors import Conductors
from tieline.envs.market.fill import NONE, as_members, fill, is_counted
from tieline.envs.market.flows import Requests, solved
from tieline.envs.market.games import Games, require_games
from tieline.envs.market.layout import (
    border_conductors,
    ders_inside,
    distance_pu,
    rated_kw,
)
from tieline.envs.market.objective import Outcomes, of_members, outcomes_of
from tieline.envs.market.prepared import Prepared, joined
from tieline.envs.market.scales import Scales
from tieline.envs.market.slopes import Slopes, slopes_of
from tieline.envs.market.watch import WatchedLimits
from tieline.errors import InputError
from tieline.network.devices import der_rows
from tieline.network.network import Network
from tieline.opf.branch_limits import BranchLimit
from tieline.powerflow.derivatives.gradients import loss_factors
from tieline.powerflow.solution import Solution
from tieline.powerflow.solve import solve
from tieline.typing import BoolArray, FloatArray, IntArray

NOTICEABLE = 0.01
"""Use of a limit by a whole DER that is worth a look: a hundredth of the limit."""

ROWS_AT_ONCE = 2048
"""Power flows solved together: enough to fill all lanes, little enough for the cache."""

VOLTAGES_AT_ONCE = 2**22
"""Voltages of power flows solved together: 64 MiB of them, which bounds the rows of feeders with thousands of nodes."""


@dataclass(frozen=True, eq=False)
class ChoiceModel:
    """A region that DERs are chosen in.

    Attributes:
        network: the feeder with all DERs.
        buses: of the region.
        ders: the DERs that can be chosen, as indices of the network's, (der,).
        watch: limits of the region.
        root: the bus that distances count from.
        rated_kw: largest power of each DER, (der,).
        nominal: the feeder at nominal load, which slopes are taken at.
        borders: ends inside the region of the branches that lead out of it.
    """

    network: Network
    buses: tuple[str, ...]
    ders: IntArray
    watch: WatchedLimits
    root: str
    rated_kw: FloatArray
    nominal: Solution
    borders: Conductors

    @classmethod
    def of(
        cls,
        network: Network,
        buses: Sequence[str],
        root: str,
        limits: Sequence[BranchLimit],
        band_pu: tuple[float, float],
        nominal: Solution | None = None,
    ) -> ChoiceModel:
        """The model of a region.

        Args:
            network: the feeder with a generator for each DER that can be chosen.
            buses: of the region, or of several that have merged.
            root: the bus that distances count from.
            limits: of branches of the feeder; those that touch the region are watched.
            band_pu: lowest and highest voltage [pu].
            nominal: `network` at nominal load, if it is solved already.

        Raises:
            InputError: if no DER stands in the region, or band or limits do not fit.
            NotConvergedError: if the feeder has no solution at nominal load.
        """
        inside = frozenset(buses)
        ders = ders_inside(network, inside)
        rating_kw = rated_kw(network, ders)
        if nominal is None:
            nominal = solve(network)
        watch = WatchedLimits.of(nominal, inside, limits, band_pu)
        return cls(
            network=network,
            buses=tuple(buses),
            ders=ders,
            watch=watch,
            root=root,
            rated_kw=rating_kw,
            nominal=nominal,
            borders=border_conductors(network, inside),
        )

    @property
    def n_ders(self) -> int:
        """DERs that can be chosen."""
        return len(self.ders)

    @cached_property
    def z_pu(self) -> FloatArray:
        """|Z| of the path from the root to each DER [pu on 1 MVA], (der,)."""
        return distance_pu(self.network, self.root, self.ders)

    @cached_property
    def slopes(self) -> Slopes:
        """How losses and limits answer to the DERs at nominal load; rules do without, and it takes a power flow for each DER."""
        return slopes_of(self.nominal, self.watch, self.ders, self.rated_kw)

    @cached_property
    def scales(self) -> Scales:
        """What features are measured against."""
        return Scales.of(
            self.network, self.buses, self.ders, self.rated_kw, self.z_pu, self.slopes
        )

    @cached_property
    def is_used_up(self) -> BoolArray:
        """Limits that more injection reaches and that each DER at its rating uses noticeably: those on its way, (row, der)."""
        slope = self.slopes.use[: self.watch.n_upper]
        return slope * self.rated_kw > NOTICEABLE

    @cached_property
    def largest_rises(self) -> FloatArray:
        """Most that any number of DERs together adds to the use of each limit: of none, one, two, ..., (row, number)."""
        change = self.slopes.use * self.rated_kw
        # a DER that relieves a limit is left out: the most that is added is without it
        rise = np.maximum(change, 0.0)
        rising = np.sort(rise, axis=1)
        falling = rising[:, ::-1]
        of_none = np.zeros((len(rise), 1))
        of_several = np.cumsum(falling, axis=1)
        return np.hstack([of_none, of_several])

    def require(self, games: Games) -> None:
        """Raise `ShapeError` or `InputError` if games do not fit the region or cannot be played."""
        n_loads = self.network.devices.n_loads
        n_regulators = len(self.network.feeder.regulators)
        require_games(games, n_loads, self.n_ders, n_regulators)

    def prepare(self, games: Games) -> Prepared:
        """Solve games as they are before any choice.

        Raises:
            ShapeError, InputError: if the games do not fit the region or cannot be played.
        """
        self.require(games)
        parts = []
        for rows in self._blocks(len(games)):
            block = games.take(rows)
            requests = self.idle_requests(block)
            solution = solved(self.network, requests)
            factor = loss_factors(solution, self.ders)
            parts.append(self.prepared(block, solution, factor))
        return joined(games, parts)

    def idle_requests(self, games: Games) -> Requests:
        """The power flow of each game without DERs of the region."""
        idle_kw = np.zeros((len(games), self.n_ders))
        return self._requests(games, idle_kw)

    def prepared(
        self, games: Games, solution: Solution, factor: FloatArray
    ) -> Prepared:
        """What the power flows of `idle_requests` tell of games, and LF of the region's DERs in them, (game, der)."""
        # power into a branch at its inside end leaves the region
        border_kw = self.borders.kva(solution).real
        inward_kw = -np.minimum(border_kw, 0.0)
        outward_kw = np.maximum(border_kw, 0.0)
        lost = games.reference_price[:, None] * factor
        return Prepared(
            games=games,
            loss_kw=solution.loss_kw,
            loss_factor=factor,
            unit_cost=games.offer + lost,
            use=self.watch.use(solution),
            inflow_kw=inward_kw.sum(axis=0),
            outflow_kw=outward_kw.sum(axis=0),
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
        shape = (n_games, *members.shape[1:])
        members = np.broadcast_to(members, shape)
        p_kw = self.filled_kw(prepared, members)
        by_set = members.shape[:2]
        loss_kw = np.empty(by_set)
        excess = np.empty(by_set)
        for rows in self._blocks(loss_kw.size):
            row = np.arange(rows.start, rows.stop)
            game, k = np.divmod(row, by_set[1])
            chosen_kw = self._of_ders(
                members[game, k],
                p_kw[game, k],
            )
            # of the prepared games only what a power flow needs is copied
            games = prepared.games.take(game)
            requests = self._requests(games, chosen_kw)
            solution = solved(self.network, requests)
            loss_kw.flat[rows] = solution.loss_kw
            excess.flat[rows] = self.watch.excess(solution)
        return outcomes_of(prepared, members, p_kw, loss_kw, excess)

    def set_requests(self, prepared: Prepared, members: IntArray) -> Requests:
        """The power flow of every set of every game, (game, set, member), sets of one game after the other."""
        n_games, n_sets, size = members.shape
        p_kw = self.filled_kw(prepared, members)
        set_rows = members.reshape(-1, size)
        power_rows = p_kw.reshape(-1, size)
        chosen_kw = self._of_ders(set_rows, power_rows)
        game = np.repeat(np.arange(n_games), n_sets)
        games = prepared.games.take(game)
        return self._requests(games, chosen_kw)

    def judged(
        self, prepared: Prepared, members: IntArray, solution: Solution
    ) -> Outcomes:
        """J of sets from the power flows of `set_requests`."""
        p_kw = self.filled_kw(prepared, members)
        by_set = members.shape[:2]
        loss_kw = solution.loss_kw.reshape(by_set)
        excess = self.watch.excess(solution)
        excess_by_set = excess.reshape(by_set)
        return outcomes_of(prepared, members, p_kw, loss_kw, excess_by_set)

    def solved(
        self, prepared: Prepared, members: IntArray
    ) -> tuple[Outcomes, Solution]:
        """J of one set for each game, (game, member), and the power flows it was judged by, one scenario per game."""
        sets = members[:, None]
        requests = self.set_requests(prepared, sets)
        solution = solved(self.network, requests)
        outcomes = self.judged(prepared, sets, solution)
        return outcomes, solution

    def filled_kw(self, prepared: Prepared, members: IntArray) -> FloatArray:
        """Power of each member of sets, (game, set, member) [kW]."""
        games = prepared.games
        unit_cost = of_members(prepared.unit_cost, members)
        p_max_kw = of_members(games.p_max_kw, members)
        # a DER that is named twice would else cover twice what it can
        limit_kw = np.where(is_counted(members), p_max_kw, 0.0)
        return fill(unit_cost, limit_kw, games.wanted_kw[:, None])

    def _of_ders(self, members: IntArray, p_kw: FloatArray) -> FloatArray:
        """Power of the members of one set for each row, (row, member), by DER of the region, (row, der) [kW]."""
        n_rows = len(members)
        row = np.arange(n_rows)[:, None]
        chosen_kw = np.zeros((n_rows, self.n_ders))
        # a member that names none has no power: the column it falls on does not matter
        np.add.at(chosen_kw, (row, members), p_kw)
        return chosen_kw

    def _blocks(self, count: int) -> list[slice]:
        """Rows that are solved together."""
        fitting = VOLTAGES_AT_ONCE // self.network.n_nodes
        at_once = max(min(fitting, ROWS_AT_ONCE), 1)
        blocks = []
        for first in range(0, count, at_once):
            end = min(first + at_once, count)
            blocks.append(slice(first, end))
        return blocks

    def _requests(self, games: Games, chosen_kw: FloatArray) -> Requests:
        """A power flow for each game with the region's DERs at some power, (game, der) [kW]."""
        der_kw = der_rows(self.network.devices.der_kw, self.ders, chosen_kw)
        return Requests(games.load_kw, games.load_kvar, der_kw, games.taps)


def _require_members(members: IntArray, n_ders: int) -> None:
    is_unknown = (members < NONE) | (members >= n_ders)
    if is_unknown.any():
        der = members[is_unknown][0]
        raise InputError(
            f"A set names DER {der}, but the region has {n_ders} DERs, numbered from 0; -1 stands for none."
        )
