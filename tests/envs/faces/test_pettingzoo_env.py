"""`PettingZooEnv`: each agent with its own part, on a task that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from counter_task import CounterTask
from tieline.envs.draws import spread
from tieline.envs.faces.pettingzoo_env import PettingZooEnv
from tieline.envs.task import Agent
from tieline.errors import InputError, ShapeError


def test_agents_have_their_own_entries() -> None:
    env = PettingZooEnv(CounterTask())
    assert env.possible_agents == ["lefty", "righty"]
    assert [env.observation_space(name).shape for name in env.possible_agents] == [
        (1,),
        (2,),
    ]
    assert [env.action_space(name).shape for name in env.possible_agents] == [
        (1,),
        (1,),
    ]
    assert env.observation_space("righty").high.tolist() == [200.0, 10.0]


def test_an_episode_by_hand() -> None:
    """The team shares reward, costs and end."""
    env = PettingZooEnv(CounterTask())
    seen, infos = env.reset(seed=6)
    assert {name: part.tolist() for name, part in seen.items()} == {
        "lefty": [6.0],
        "righty": [6.0, 0.0],
    }
    assert infos["lefty"] == {"seed": 6}
    seen, rewards, terminated, truncated, infos = env.step(
        {"righty": np.array([0.5]), "lefty": np.array([1.0])}
    )
    assert {name: part.tolist() for name, part in seen.items()} == {
        "lefty": [7.5],
        "righty": [7.5, 1.0],
    }
    assert rewards == {"lefty": 12.0, "righty": 12.0}
    assert infos["righty"]["costs"] == {"excess": 2.5, "square": 56.25}
    assert env.state().tolist() == [7.5, 1.0]
    still = {name: np.zeros(1) for name in env.agents}
    env.step(still)
    *_, terminated, truncated, _ = env.step(still)
    assert (terminated, truncated) == (
        dict.fromkeys(("lefty", "righty"), False),
        dict.fromkeys(("lefty", "righty"), True),
    )
    assert env.agents == []
    with pytest.raises(InputError, match="has ended"):
        env.step(still)
    assert env.reset()[1]["lefty"]["seed"] == spread(6, 1)[0]
    assert env.agents == ["lefty", "righty"]


class RivalTask(CounterTask):
    """`lefty` is rewarded for the level alone, `righty` for level and steps."""

    agents = (
        Agent("lefty", np.array([0]), np.array([0]), terms=("level",)),
        Agent("righty", np.array([0, 1]), np.array([1]), terms=("level", "step")),
    )


def test_each_agent_has_the_reward_of_its_own_terms() -> None:
    """From level 6 by 1.5 to 7.5: 2 x 7.5 for the level, less 3 x 1 for the step."""
    env = PettingZooEnv(RivalTask())
    env.reset(seed=6)
    actions = {"righty": np.array([0.5]), "lefty": np.array([1.0])}
    assert env.step(actions)[1] == {"lefty": 15.0, "righty": 12.0}


def test_without_a_solution_each_agents_terms_are_at_their_worst() -> None:
    """From level 0 to -2, below -1: level -50 weighs 2, step 10 weighs -3."""
    env = PettingZooEnv(RivalTask())
    env.reset(seed=0)
    actions = {"righty": np.array([-1.0]), "lefty": np.array([-1.0])}
    assert env.step(actions)[1] == {"lefty": -100.0, "righty": -130.0}


def test_a_term_that_is_none_is_refused() -> None:
    class Misspelt(CounterTask):
        agents = (Agent("lefty", np.array([0]), np.array([0, 1]), terms=("levle",)),)

    with pytest.raises(
        InputError,
        match=r"Agent 'lefty': Unknown reward term 'levle'\. Did you mean 'level'",
    ):
        PettingZooEnv(Misspelt())


def test_each_agents_action_lands_where_it_belongs() -> None:
    """With bounds from -1 to 2, 2 from the left and -1 from the right move by 1; the other way round is cut to the same."""
    env = PettingZooEnv(CounterTask())
    env.reset(seed=0)
    *_, infos = env.step({"lefty": np.array([9.0]), "righty": np.array([-0.5])})
    assert infos["lefty"]["moved"] == 1.5


def test_refusals() -> None:
    env = PettingZooEnv(CounterTask())
    env.reset(seed=0)
    with pytest.raises(InputError, match="Agent 'righty' gave no action"):
        env.step({"lefty": np.zeros(1)})
    with pytest.raises(
        InputError, match=r"Unknown agent 'leftie'\. Did you mean 'lefty'"
    ):
        env.step({"leftie": np.zeros(1), "righty": np.zeros(1)})
    with pytest.raises(
        ShapeError, match=r"agent 'lefty' has shape \(2,\); expected \(1,\)"
    ):
        env.step({"lefty": np.zeros(2), "righty": np.zeros(1)})
    with pytest.raises(InputError, match="'right' of episode 0 is nan"):
        env.step({"lefty": np.zeros(1), "righty": np.array([np.nan])})
