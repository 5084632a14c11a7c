"""What the faces show of an episode: the step that was played last, as text or as a picture.

    ansi        lines to read: reward, terms, costs and their limits
    rgb_array   the one-line diagram with the voltages of the step, (height, width, 3) uint8, of one size for a task

Before the first step of an episode no voltages are known: the buses of the picture are grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tieline.envs.batched_env import Step
from tieline.envs.faces.step_text import step_text, step_title
from tieline.envs.task import Task
from tieline.errors import InputError
from tieline.reports.band_diagram import BandDiagram
from tieline.reports.raster import rasterise

ANSI = "ansi"
RGB_ARRAY = "rgb_array"
RENDER_MODES = (ANSI, RGB_ARRAY)

METADATA: Mapping[str, Any] = {"render_modes": list(RENDER_MODES), "render_fps": 8}
"""A day in quarter-hours then takes twelve seconds."""

WIDTH_PX = 800
"""Even, as video codecs ask for, and wide enough for the names of buses."""

Frame = str | NDArray[np.uint8]


class Rendering:
    """Shows the latest steps of a task.

    Args:
        task: what is played.
        mode: one of `RENDER_MODES`; None shows nothing.

    Raises:
        InputError: if there is no such mode, or no picture of the task.
    """

    def __init__(self, task: Task[Any], mode: str | None):
        if mode not in (None, *RENDER_MODES):
            raise InputError(
                f"render_mode {mode!r} is unknown. Choose '{ANSI}', which is text, or '{RGB_ARRAY}', a picture."
            )
        self.mode = mode
        self._task = task
        self._diagram: BandDiagram | None = None
        if mode == RGB_ARRAY:
            self._diagram = _diagram(task)

    def frame(self, number: int, step: Step | None, row: int) -> Frame | None:
        """What is shown of one episode; None without a mode.

        Args:
            number: of the step in its episode, from 1.
            step: what came of it; None before the first one.
            row: the episode among those of the step.
        """
        if self.mode is None:
            return None
        if self._diagram is None:
            return step_text(self._task, number, step, row)
        title = step_title(self._task, number, step, row)
        v_pu = None
        if step is not None and step.v_pu is not None:
            v_pu = step.v_pu[row]
        return _even(rasterise(self._diagram.svg(v_pu, title), WIDTH_PX))


def _diagram(task: Task[Any]) -> BandDiagram:
    network = task.network
    band_pu = task.band_pu
    if network is None or band_pu is None:
        raise InputError(
            f"There is no picture of task '{task.name}': it names no grid. Choose render_mode '{ANSI}', or give the task the "
            "attributes `network` and `band_pu`."
        )
    return BandDiagram(network, band_pu)


def _even(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without its last row where their number is odd: most video codecs refuse that."""
    height = len(frame) // 2 * 2
    return frame[:height]
