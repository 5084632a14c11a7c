"""`compile_parts`: about half of what `solve_acting` calls, compiled without it and without solving anything.

It calls these last: a process that solves comes to them when another one has compiled them.
"""

from __future__ import annotations

from typing import Any

from numba import typeof
from numba.core import types

from tieline.powerflow.controls.crew import make_crew
from tieline.powerflow.controls.loop import (
    Controls,
    Progress,
    act_or_release,
    fill_inner,
)
from tieline.powerflow.controls.meters import read_meters
from tieline.powerflow.kernel.iteration import update_errors
from tieline.powerflow.kernel.substitution import back
from tieline.powerflow.kernel.system import Limits, System
from tieline.powerflow.kernel.workspace import make_workspace


def compile_parts(
    system: System, controls: Controls, limits: Limits, progress: Progress
) -> None:
    """Compile for arguments of `solve_acting` of these types."""
    number = types.int64
    settings = typeof(controls.settings)
    limits_kind = typeof(limits)
    system_kind = typeof(system)
    # a number that stands in the code is a type of its own
    work = _made_by(make_workspace, system_kind, types.literal(0))
    crew = _made_by(make_crew, settings, number)
    act_or_release.compile(
        (number, limits_kind, settings, typeof(progress), work, crew)
    )
    of_work = _fields(work)
    of_crew = _fields(crew)
    read_meters.compile(
        (
            of_work["vr"],
            of_work["vi"],
            of_work["state"],
            typeof(controls.meters),
            of_crew["re"],
            of_crew["im"],
            of_crew["readings"],
            of_crew["moved"],
        )
    )
    update_errors.compile((types.float64, work))
    back.compile((system_kind, work))
    fill_inner.compile((number, number, system_kind, typeof(progress)))


def _made_by(maker: Any, *arguments: Any) -> Any:
    """Type of what a function makes of arguments of some types."""
    maker.compile(arguments)
    return maker.overloads[arguments].signature.return_type


def _fields(kind: Any) -> dict[str, Any]:
    """The types of the fields of a named tuple's type."""
    return dict(zip(kind.fields, kind.types, strict=True))
