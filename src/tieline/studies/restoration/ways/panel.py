"""`Panel`: all who can be asked about one island; what a decider can use again on the next draws is kept.

Every decider's set-points pass the same safety step and the same exact step, on the same draws. Bounds are plans and not played.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from tieline.agents.island_guard import IslandGuard
from tieline.agents.restoration_mpc import MpcDecider, terms_of
from tieline.agents.restoration_policies.policies import PlanDecider
from tieline.envs.restoration.episode import Guard, IslandDecider
from tieline.envs.restoration.seen import Correction
from tieline.envs.restoration.world import RestorationWorld
from tieline.errors import InputError
from tieline.network.topology import tree_from_source
from tieline.opf.restoration.exact import ExactProgram
from tieline.opf.restoration.program import WindowProgram
from tieline.opf.restoration.state import first_state
from tieline.studies.restoration.config import RestorationConfig
from tieline.studies.restoration.deciders import (
    BOUND_NLP,
    BOUNDS,
    CORRECTED,
    HOLD,
    LEARNED,
    NO_POLICY,
    PERSISTENT,
    asked_deciders,
)
from tieline.studies.restoration.ways.course import Course, play_course
from tieline.studies.restoration.ways.plans import Planned, plan_draws
from tieline.studies.restoration.ways.policies import LearnedDeciders, find_policies
from tieline.typing import FloatArray


class _Mpc(NamedTuple):
    """How an MPC looks ahead; arguments of `MpcDecider`."""

    window: int | None
    correction: Correction = "none"
    has_chord: bool = True


PAPER_WINDOW = 8
"""The article does not print its window; eight steps are two hours, a third of its horizon."""

MPCS = {
    "mpc-4": _Mpc(4),
    "mpc-8": _Mpc(8),
    "mpc-rest": _Mpc(None),
    CORRECTED: _Mpc(None, correction="mean"),
    PERSISTENT: _Mpc(None, correction="now"),
    "mpc-paper": _Mpc(PAPER_WINDOW, has_chord=False),
}


class Panel:
    """Deciders of one island.

    Attributes:
        world, config: what is asked of.
        policies: learned ones; none where nobody asks them, or none fit.

    Raises:
        InputError: if policies that were given cannot be used, or a program is asked of an island with a loop; names the loop.
    """

    def __init__(self, world: RestorationWorld, config: RestorationConfig):
        self.world = world
        self.config = config
        self._require_tree()
        self.policies = self._asked_policies()
        self._deciders: dict[tuple[str, int], IslandDecider] = {}

    def _require_tree(self) -> None:
        """Refuse loops before anybody is asked, where somebody plans with a program."""
        names = [decider.name for decider in asked_deciders(self.config.deciders)]
        planning = [name for name in names if name in (*BOUNDS, *MPCS)]
        if not planning:
            return
        try:
            tree_from_source(self.world.plant.feeder, must_be_radial=True)
        except InputError as error:
            raise InputError(
                f"{error}\nOr ask only who needs no program: --deciders {HOLD},{','.join(LEARNED)}. These plan with one: "
                f"{', '.join(planning)}."
            ) from None

    def _asked_policies(self) -> LearnedDeciders:
        names = {decider.name for decider in asked_deciders(self.config.deciders)}
        if not names & set(LEARNED):
            return LearnedDeciders()
        return find_policies(self.world, self.config.policy)

    def policy_seeds(self, name: str) -> tuple[int, ...]:
        """Whose policies a decider is asked with; none where none are there."""
        # one turn for who needs no policy
        if name not in LEARNED:
            return (NO_POLICY,)
        return tuple(sorted(self.policies.by_name.get(name, {})))

    def play(self, name: str, actual_kw: FloatArray, policy_seed: int) -> Course:
        """Ask a decider.

        Args:
            name: of the decider; not of a bound.
            actual_kw: available power, (draw, step, renewable) [kW].
            policy_seed: of the training of its policy.
        """
        decider = self.decider(name, policy_seed)
        return play_course(self.world, decider, actual_kw, self.guard)

    def decider(self, name: str, policy_seed: int) -> IslandDecider:
        """Who decides; arguments as those of `play`."""
        key = (name, policy_seed)
        # an MPC sets up its program once, for all scenarios
        if key not in self._deciders:
            self._deciders[key] = self._make_decider(name, policy_seed)
        return self._deciders[key]

    @cached_property
    def guard(self) -> Guard:
        """The safety step of everybody."""
        return IslandGuard(self.world)

    def bound(self, name: str, actual_kw: FloatArray) -> Planned:
        """The best plan of each draw, with what sun and wind will be.

        Args:
            name: of the bound.
            actual_kw: available power, (draw, step, renewable) [kW].
        """
        # every draw starts from the same island: one state does for all
        state = first_state(self.world.plant, 1)
        program = self._exact_program if name == BOUND_NLP else self._cone_program
        return plan_draws(program, state, actual_kw)

    @cached_property
    def _cone_program(self) -> WindowProgram:
        terms = terms_of(self.config)
        return WindowProgram(self.world.plant, terms, self.config.steps)

    @cached_property
    def _exact_program(self) -> ExactProgram:
        return ExactProgram(self._cone_program)

    def _make_decider(self, name: str, policy_seed: int) -> IslandDecider:
        if name in MPCS:
            return MpcDecider(self.world, *MPCS[name])
        if name == HOLD:
            return PlanDecider(self.world)
        return self.policies.by_name[name][policy_seed]
