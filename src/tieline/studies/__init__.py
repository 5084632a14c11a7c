"""The questions tieline answers: for each a configuration, an answer and a report, side by side in one package.

Public: `run_study` answers one, `Result` is what it gives, `load_run` reads a run folder back. They are fetched when first used,
so that a command line can name configurations in its help without loading a numerical library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tieline.lazy_face import lazy_face

if TYPE_CHECKING:
    from tieline.studies.result import Result
    from tieline.studies.saved_run import load_run
    from tieline.studies.shell import run_study

__all__ = ["Result", "load_run", "run_study"]

__getattr__, __dir__ = lazy_face(
    __name__,
    {
        "Result": "tieline.studies.result",
        "load_run": "tieline.studies.saved_run",
        "run_study": "tieline.studies.shell",
    },
)
