"""What a study and the shell around it give each other.

    answer(feeder, config, tell) -> Answer      in `study.py` of each study
    headline(result) -> Headline                in `headline.py`: the short answer, for page and screen; see `reports.headline`
    report(result) -> Report                    in `report.py`: the page, whose top the headline is; see `reports.html`

The shell (`shell.py`) reads the feeder, takes the time, adds the feeder's notes, stamps, saves and resumes. A study does none of
that: it solves, and it says with `tell` how far it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tieline.reports.remarks import Remark, of_notes
from tieline.typing import Progress

if TYPE_CHECKING:
    import pandas as pd

    from tieline.feeders import Feeder
    from tieline.studies.checkpoint import Checkpoint, Tables

Metric = float | int | str | None


@dataclass(frozen=True, eq=False)
class Answer:
    """What a study found.

    Attributes:
        metrics: flat, by names that stay the same from version to version; None for a number that does not exist.
        tables: by name; columns carry their unit.
        remarks: what a reader must know beside the numbers, one sentence each, with its kind; the feeder's own notes are added
            by the shell.
        files: content of what else belongs into the run folder, by file name.
    """

    metrics: dict[str, Metric]
    tables: dict[str, pd.DataFrame]
    remarks: Sequence[Remark] = ()
    files: dict[str, bytes] = field(default_factory=dict)


def notes_beyond(feeder: Feeder, changed: Feeder) -> list[Remark]:
    """Notes of a feeder that a study has added something to, beyond those of the feeder that it was given."""
    return of_notes(note for note in changed.notes if note not in feeder.notes)


class Tell:
    """How a study says how far it is, and where it keeps the parts that are finished; without arguments it is silent.

    Args:
        progress: called with (done, all, text).
        checkpoint: where parts are kept; without one they are forgotten.
    """

    def __init__(
        self, progress: Progress | None = None, checkpoint: Checkpoint | None = None
    ):
        self._progress = progress
        self._checkpoint = checkpoint

    def __call__(self, steps: int, total: int, text: str) -> None:
        """Say how many steps are done, of how many, and what comes now."""
        if self._progress is not None:
            self._progress(steps, total, text)

    def ask_of(self, feeder: Feeder, inputs: Mapping[str, bytes]) -> None:
        """What is asked of which feeder and inputs: the shell says it before the study begins."""
        if self._checkpoint is not None:
            self._checkpoint.ask_of(feeder, inputs)

    def finished_parts(self, question: str) -> dict[str, Tables]:
        """Tables of the parts that an interrupted run of this very question finished, by name.

        Args:
            question: digest of all that the answer depends on beside the configuration: the feeder, and what was read from
                files that the configuration only names.

        Raises:
            InputError: if the run folder holds parts of another question, or cannot be written.
        """
        if self._checkpoint is None:
            return {}
        return self._checkpoint.begin(question)

    def keep(self, name: str, tables: Tables) -> None:
        """Keep a finished part."""
        if self._checkpoint is not None:
            self._checkpoint.keep(name, tables)
