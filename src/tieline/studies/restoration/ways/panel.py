"""`Panel`: all who can be asked about one island; what a decider can use again on the next draws is kept.

Every decider's set-points pass the same safety step and the same exact step, on the same draws. Bounds are plans and not played.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from tieline.agents.restoration_mpc import MpcDecider
from tieline.envs.restoration.episode import Guard, IslandDecider
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.terms import Terms
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.deciders import (
    CORRECTED,
    LEARNED,
    NO_POLICY,
)
from tieline.studies.restoration.ways.course import Course, play_course
from tieline.typing import FloatArray


class _Mpc(NamedTuple):
    """How an MPC looks ahead; arguments of `MpcDecider`."""

    window: int | None
    is_corrected: bool = False
    has_chord: bool = True


PAPER_WINDOW = 8
"""The article does not print its window; eight steps are two hours, a third of its horizon."""

MPCS = {
    "mpc-4": _Mpc(4),
    "mpc-8": _Mpc(8),
    "mpc-rest": _Mpc(None),
    CORRECTED: _Mpc(None, is_corrected=True),
    "mpc-paper": _Mpc(PAPER_WINDOW, has_chord=False),
}


class Panel:
    """Deciders of one island.

    Attributes:
        world, config: what is asked of.

    Raises:
        InputError: if policies that were given cannot be used.
    """

    def __init__(self, world: RestorationWorld, config: RestorationConfig):
        self.world = world
        self.config = config
        self._deciders: dict[tuple[str, int], IslandDecider] = {}

    def policy_seeds(self, name: str) -> tuple[int, ...]:
        """Whose policies a decider is asked with; none where none are there."""
        if name not in LEARNED:
            return (NO_POLICY,)
        return ()

    def play(self, name: str, actual_kw: FloatArray, policy_seed: int) -> Course:
        """Ask a decider.

        Args:
            name: of the decider; not of a bound.
            actual_kw: available power, (draw, step, renewable) [kW].
            policy_seed: of the training of its policy.
        """
        key = name, policy_seed
        if key not in self._deciders:
            self._deciders[key] = self._decider(name, policy_seed)
        return play_course(self.world, self._deciders[key], actual_kw, self._guard)

    def _decider(self, name: str, policy_seed: int) -> IslandDecider:
        if name in MPCS:
            return MpcDecider(self.world.plant, self.terms, *MPCS[name])
        raise KeyError(name)

    @cached_property
    def _guard(self) -> Guard | None:
        return None

    @cached_property
    def terms(self) -> Terms:
        """The objective, and the voltages to keep, as programs take them."""
        config = self.config
        grid = self.world.grid
        return Terms(
            hours=config.step_h,
            generation_cost=config.generation_cost,
            shed_factor=config.shed_factor,
            shed_free_share=config.shed_free_share,
            v_low_pu=float(grid.low_pu),
            v_high_pu=float(grid.high_pu),
        )
