"""The Gaussian policies of all agents: with what they begin, what they are drawn with, and their plain arrays."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tieline.agents.constrained_update.gaussian import GaussianPolicy, random_policy
from tieline.agents.constrained_update.problem import Draws
from tieline.agents.constrained_update.update import Policies
from tieline.agents.networks import Network
from tieline.agents.window_policies.inputs import AgentInputs, Eyes
from tieline.agents.window_policies.policies import Layers, WindowPolicies
from tieline.studies.microgrids.training.config import LearnerConfig

FIRST_WEIGHT = 0.01
"""What the last layer of a mean begins with, of a random one: the agents begin at the plan, and no weight is exactly none."""


def first_policies(
    inputs: AgentInputs, eyes: Eyes, config: LearnerConfig, seed: int
) -> Policies:
    """Random networks, of the inputs that agents are given in `inputs`, whose means are next to nothing."""
    _, n_steps, _ = inputs.base.der_kw.shape
    root = jax.random.key(seed)
    keys = jax.random.split(root, len(inputs.of_agents))
    policies = []
    for of_agent, control, key in zip(
        inputs.of_agents, eyes.controls, keys, strict=True
    ):
        _, n_inputs = of_agent.shape
        policy = random_policy(
            n_inputs,
            n_steps * control.n_numbers,
            config.hidden,
            key,
            spread=config.spread,
            # each number of its own: a full L of a window has two hundred, which nothing asks for
            is_diagonal=True,
        )
        policies.append(_near_plan(policy))
    return tuple(policies)


def _near_plan(policy: GaussianPolicy) -> GaussianPolicy:
    *hidden, (weight, bias) = policy.mean
    last = (FIRST_WEIGHT * weight, 0.0 * bias)
    mean = (*hidden, last)
    return policy._replace(mean=mean)


def draws_of(
    inputs: AgentInputs, policies: Policies, random: np.random.Generator
) -> list[Draws]:
    """What agents see, and noise for each of their numbers."""
    draws = []
    for of_agent, policy in zip(inputs.of_agents, policies, strict=True):
        _, last_bias = policy.mean[-1]
        shape = (len(of_agent), len(last_bias))
        noise = random.standard_normal(shape)
        draws.append(Draws(of_agent, noise))
    return draws


def plain_layers(network: Any) -> Layers:
    """A network of JAX as plain arrays."""
    layers = []
    for weight, bias in network:
        plain = (np.asarray(weight), np.asarray(bias))
        layers.append(plain)
    return tuple(layers)


def gaussians_of(policies: WindowPolicies) -> Policies:
    """Policies as they were trained, to be trained on."""
    gaussians = []
    for mean, spread in zip(policies.means, policies.spreads, strict=True):
        gaussian = GaussianPolicy(_network(mean), _network(spread))
        gaussians.append(gaussian)
    return tuple(gaussians)


def _network(layers: Layers) -> Network:
    return tuple((jnp.asarray(weight), jnp.asarray(bias)) for weight, bias in layers)
