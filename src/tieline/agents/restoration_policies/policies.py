"""`RestorationPolicy`: a policy as plain NumPy, what a training leaves behind; and who decides with it, or by the plan alone.

    numbers = mean network(inputs),      set-points = plan + rating x numbers     (`departure`)

The spread that it learned with is kept, and not drawn from: it was there for the trust region.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tieline.agents.policy import Plain
from tieline.agents.restoration_policies.departure import Base, base_of, departed
from tieline.agents.restoration_policies.inputs import observe
from tieline.agents.restoration_policies.policy_key import PolicyKey
from tieline.agents.window_policies.policies import Layers, network_output
from tieline.envs.restoration.plan.figures import IslandFigures
from tieline.envs.restoration.plan.holding import Plan, holding_plan
from tieline.envs.restoration.plan.view import view_of
from tieline.envs.restoration.seen import Seen
from tieline.envs.restoration.step.set_points import SetPoints
from tieline.envs.restoration.world import RestorationWorld
from tieline.opf.restoration.state import IslandState


@dataclass(frozen=True, eq=False)
class RestorationPolicy:
    """A policy.

    Attributes:
        key: what it was made for.
        mean: weight (in, out) and bias (out,) of each layer of the mean network; ReLU between layers.
        spread: the same of the network of the spread.
        provenance: where it comes from, plain values.
    """

    key: PolicyKey
    mean: Layers
    spread: Layers
    provenance: Mapping[str, Plain] = field(default_factory=dict)


class PlanDecider:
    """Decides by the holding plan alone.

    Args:
        world: where it decides.
    """

    def __init__(self, world: RestorationWorld):
        self._figures = IslandFigures.of(world)

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """Set-points of this step."""
        view = view_of(self._figures, sight)
        return set_points_of(holding_plan(self._figures, state, view))


class LearnedDecider:
    """Decides by the mean of a policy.

    Args:
        policy: what was trained.
        world: where it decides.

    Raises:
        InputError: if the policy was made for something else.
    """

    def __init__(self, policy: RestorationPolicy, world: RestorationWorld):
        base = policy.key.base
        policy.key.require_same(PolicyKey.of(world, base))
        self._network = NetworkDecider(IslandFigures.of(world), policy.mean, base)

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """Set-points of this step."""
        return self._network.decide(state, sight)


class NetworkDecider:
    """Decides by a mean network, also while it learns.

    Args:
        figures: of the island.
        layers: of the network.
        base: from what its numbers depart.
    """

    def __init__(self, figures: IslandFigures, layers: Layers, base: Base):
        self._figures = figures
        self._layers = layers
        self._base: Base = base

    def decide(self, state: IslandState, sight: Seen) -> SetPoints:
        """Set-points of this step."""
        figures = self._figures
        view = view_of(figures, sight)
        base = base_of(self._base, figures, state, view)
        numbers = network_output(self._layers, observe(figures, state, view, base))
        return set_points_of(departed(figures, state, base, numbers))


def set_points_of(plan: Plan) -> SetPoints:
    """A plan as it is handed to the island."""
    return SetPoints(
        served=plan.served,
        p_kw=plan.p_kw,
        q_kvar=plan.q_kvar,
        battery_kw=plan.battery_kw,
        battery_kvar=plan.battery_kvar,
        renewable_kw=plan.renewable_kw,
        renewable_kvar=plan.renewable_kvar,
    )
