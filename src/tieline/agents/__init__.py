"""Who decides: rules, tree search and learned policies, all judged by the same environments.

Public are the names below, and `evaluate.evaluate`, which says what a decider achieves. They are fetched when first used: a
policy file is read without JAX, which only training needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.agents.apg_config import ApgConfig
    from tieline.agents.cpo_config import CpoConfig
    from tieline.agents.ddpg_config import DdpgConfig
    from tieline.agents.decider import Decider, RuleDecider
    from tieline.agents.ippo_config import IppoConfig
    from tieline.agents.policy import Policy, PolicyDecider
    from tieline.agents.policy_file import load_policy, save_policy
    from tieline.agents.ppo_config import PpoConfig
    from tieline.agents.safety import SafeDecider, make_safe
    from tieline.agents.task_key import TaskKey
    from tieline.agents.training import TrainResult, train, train_seeds
    from tieline.agents.tree_search import SearchConfig, search

__all__ = [
    "ApgConfig",
    "CpoConfig",
    "DdpgConfig",
    "Decider",
    "IppoConfig",
    "Policy",
    "PolicyDecider",
    "PpoConfig",
    "RuleDecider",
    "SafeDecider",
    "SearchConfig",
    "TaskKey",
    "TrainResult",
    "load_policy",
    "make_safe",
    "save_policy",
    "search",
    "train",
    "train_seeds",
]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "ApgConfig": "tieline.agents.apg_config",
        "CpoConfig": "tieline.agents.cpo_config",
        "DdpgConfig": "tieline.agents.ddpg_config",
        "IppoConfig": "tieline.agents.ippo_config",
        "PpoConfig": "tieline.agents.ppo_config",
        "Decider": "tieline.agents.decider",
        "RuleDecider": "tieline.agents.decider",
        "Policy": "tieline.agents.policy",
        "PolicyDecider": "tieline.agents.policy",
        "load_policy": "tieline.agents.policy_file",
        "save_policy": "tieline.agents.policy_file",
        "SafeDecider": "tieline.agents.safety",
        "make_safe": "tieline.agents.safety",
        "TaskKey": "tieline.agents.task_key",
        "TrainResult": "tieline.agents.training",
        "train": "tieline.agents.training",
        "train_seeds": "tieline.agents.training",
        "SearchConfig": "tieline.agents.tree_search",
        "search": "tieline.agents.tree_search",
    },
)
