"""Tasks as pure JAX functions: policy, physics and reward in one compiled loop.

`CompiledTask` says what such a task is, `CompiledEnv` steps many episodes of one and starts ended ones again. `Task.compiled()`
makes one of a task that has it. Whoever uses these has JAX's 64-bit types on: `with jax.enable_x64(True):`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.envs.compiled.env import CompiledEnv, CompiledStep, Rows
    from tieline.envs.compiled.task import CompiledOutcome, CompiledTask

__all__ = ["CompiledEnv", "CompiledOutcome", "CompiledStep", "CompiledTask", "Rows"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "CompiledEnv": "tieline.envs.compiled.env",
        "CompiledOutcome": "tieline.envs.compiled.task",
        "CompiledStep": "tieline.envs.compiled.env",
        "CompiledTask": "tieline.envs.compiled.task",
        "Rows": "tieline.envs.compiled.env",
    },
)
