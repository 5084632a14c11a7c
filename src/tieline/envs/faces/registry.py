"""The catalogue's tasks under Gymnasium's names: "reserve" is `tieline/Reserve-v0`.

    gymnasium.make("tieline/Reserve-v0", cost_weight=2.0)
    gymnasium.make_vec("tieline/Reserve-v0", num_envs=64)

Keywords are fields of the task's configuration.
"""

from __future__ import annotations

from typing import Any

from tieline.envs.catalogue import TASKS, make_task
from tieline.envs.faces.gymnasium_env import GymnasiumEnv
from tieline.envs.faces.gymnasium_vector import GymnasiumVectorEnv
from tieline.errors import MissingExtraError

try:
    import gymnasium
except ImportError:
    raise MissingExtraError("gymnasium", "envs", "The Gymnasium face") from None

VERSION = 0
"""Of every id; it rises when what an id stands for changes."""


def gymnasium_id(task_name: str) -> str:
    """The id of a task: "voltage-control" -> "tieline/VoltageControl-v0"."""
    words = task_name.split("-")
    camel_case = "".join(word.capitalize() for word in words)
    return f"tieline/{camel_case}-v{VERSION}"


def register_tasks() -> None:
    """Tell Gymnasium of every task that it does not know yet."""
    for name in TASKS:
        if gymnasium_id(name) not in gymnasium.registry:
            module = __name__
            gymnasium.register(
                gymnasium_id(name),
                f"{module}:make_one",
                vector_entry_point=f"{module}:make_many",
                kwargs={"task_name": name},
            )


def make_one(
    task_name: str, render_mode: str | None = None, **values: Any
) -> GymnasiumEnv:
    """One episode at a time of a task in the catalogue; `values` as in `make_task`."""
    return GymnasiumEnv(make_task(task_name, **values), render_mode)


def make_many(
    task_name: str,
    num_envs: int = 1,
    autoreset_mode: Any = "SameStep",
    render_mode: str | None = None,
    **values: Any,
) -> GymnasiumVectorEnv:
    """Many episodes side by side of a task in the catalogue; `values` as in `make_task`."""
    task = make_task(task_name, **values)
    return GymnasiumVectorEnv(task, num_envs, autoreset_mode, render_mode)
