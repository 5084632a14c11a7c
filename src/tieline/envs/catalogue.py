"""The tasks there are, by name. Nothing heavy is imported here; a task is loaded when asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from tieline.errors import InputError, require_text, unknown_name_message
from tieline.wording import explain

if TYPE_CHECKING:
    from tieline.envs.batched_env import BatchedEnv
    from tieline.envs.task import Task


@dataclass(frozen=True)
class TaskEntry:
    """Where a task lives: `package` holds `config.<config_name>` and `<module>.<task_name>`."""

    package: str
    config_name: str
    task_name: str
    module: str = "task"

    @property
    def config_model(self) -> type[BaseModel]:
        """The class of its configuration."""
        return getattr(import_module(f"{self.package}.config"), self.config_name)

    def make(self, config: BaseModel) -> Task[Any]:
        """The task of a configuration."""
        module = import_module(f"{self.package}.{self.module}")
        return getattr(module, self.task_name)(config)


TASKS = {
    "der-choice": TaskEntry(
        "tieline.envs.market", "DerChoiceEnvConfig", "DerChoiceTask"
    ),
    "ders123": TaskEntry(
        "tieline.envs.ders", "Ders141EnvConfig", "Ders123Task", module="three_phase"
    ),
    "ders141": TaskEntry("tieline.envs.ders", "Ders141EnvConfig", "Ders141Task"),
    "ders141-as-published": TaskEntry(
        "tieline.envs.ders",
        "PublishedDers141EnvConfig",
        "PublishedDers141Task",
        module="as_published",
    ),
    "dso123": TaskEntry(
        "tieline.envs.flexible_loads",
        "Dso33EnvConfig",
        "Dso123Task",
        module="three_phase",
    ),
    "dso33": TaskEntry("tieline.envs.flexible_loads", "Dso33EnvConfig", "Dso33Task"),
    "dso33-as-published": TaskEntry(
        "tieline.envs.flexible_loads",
        "PublishedDso33EnvConfig",
        "PublishedDso33Task",
        module="as_published",
    ),
    "microgrids": TaskEntry(
        "tieline.envs.microgrids", "MicrogridsEnvConfig", "MicrogridsTask"
    ),
    "reserve": TaskEntry("tieline.envs.reserve", "ReserveEnvConfig", "ReserveTask"),
    "restoration": TaskEntry(
        "tieline.envs.restoration", "RestorationEnvConfig", "RestorationTask"
    ),
    "voltage-control": TaskEntry(
        "tieline.envs.voltage_control", "VoltageControlEnvConfig", "VoltageControlTask"
    ),
}


def make_task(name: str, **values: Any) -> Task[Any]:
    """The task of that name.

    Args:
        name: for example "reserve".
        values: fields of its configuration; the rest keeps its default.

    Raises:
        InputError: if the task, a field or a value is unknown.
    """
    require_text("task", name)
    if name not in TASKS:
        raise InputError(unknown_name_message("task", name, TASKS))
    try:
        config = TASKS[name].config_model(**values)
    except ValidationError as error:
        problems = " ".join(explain(error, TASKS[name].config_model))
        raise InputError(
            f"The configuration of task '{name}' is not valid: {problems}"
        ) from None
    return TASKS[name].make(config)


def make_env(name: str, **values: Any) -> BatchedEnv[Any]:
    """An environment of the task of that name; the arguments are those of `make_task`."""
    from tieline.envs.batched_env import BatchedEnv

    return BatchedEnv(make_task(name, **values))
