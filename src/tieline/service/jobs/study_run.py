"""The job `run`: a study answers a question that the API has checked, into the folder of the run.

Payload: run, study, config (its values), folder (of the run), feeder (folder of its tables), feeder_sha256, inputs (where tables
and policies lie that the configuration names, by field) and files (their SHA-256). What is read has to be what was checked.
A study that can be resumed goes on where an earlier attempt left off. The folder holds a lock, so that a worker that was stopped
past its lease and the one after it never write side by side.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tieline.errors import InputError
from tieline.files import sha256_of
from tieline.service.jobs import queue
from tieline.service.jobs.kinds import Answer, Desk
from tieline.service.store import events, runs
from tieline.service.store.fence import require_newest
from tieline.studies.catalogue import find_study
from tieline.studies.config import StudyConfig, make_config
from tieline.studies.folder_lock import FolderInUseError
from tieline.studies.run_folder import RESULT

if TYPE_CHECKING:
    import sqlalchemy as sa

    from tieline.feeders import Feeder
    from tieline.service.store import Store
    from tieline.studies.result import Result

TELL_S = 0.5
"""Between two words of how far a run is [s]: what a person follows; each is a commit."""


class FolderStillInUse(Exception):
    """An earlier worker of this run still writes to its folder; another attempt may find it free."""


def run(payload: dict[str, Any], desk: Desk) -> Answer:
    """Answer the question and write its folder.

    Raises:
        InputError, NoAnswerError: if it has no answer.
        FolderStillInUse: if an earlier worker is not gone yet.
    """
    study = find_study(payload["study"])
    config = make_config(study.config_model, payload["config"])
    _require_files(config, payload)
    folder = Path(payload["folder"])
    try:
        result = _answer(config, folder, payload, desk)
    except FolderInUseError as error:
        raise FolderStillInUse(str(error)) from None
    digest = sha256_of(folder / RESULT)

    def keep(connection: sa.Connection) -> None:
        runs.keep_result(
            connection, payload["run"], str(folder), digest, result.to_json()["metrics"]
        )

    return Answer({"run": payload["run"]}, keep)


def warm_up(_store: Store | None = None) -> None:
    """Compile the power flow with its controls, which every study asks; a compiled one is loaded from the disk."""
    from tieline.feeders import load_feeder
    from tieline.network import Network
    from tieline.powerflow import solve

    # the smallest bundled feeder that has regulators, transformers and capacitors
    solve(Network.from_feeder(load_feeder("ieee13")))


def _answer(
    config: StudyConfig, folder: Path, payload: Mapping[str, Any], desk: Desk
) -> Result:
    """The answer, saved; a folder that an earlier attempt began is gone on with."""
    from tieline.studies.copies import Copies
    from tieline.studies.shell import open_run

    study = find_study(payload["study"])
    copies = Copies(_feeder(payload), payload["inputs"])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open_run(study, config, folder, may_resume=study.can_resume) as folder_run:
        result = folder_run.answer(copies, _Progress(desk))
        folder_run.save(result)
    return result


def _feeder(payload: Mapping[str, Any]) -> Feeder:
    """The feeder as it was checked."""
    from tieline.feeders.tables import load_tables
    from tieline.studies.copies import feeder_digest

    feeder = load_tables(Path(payload["feeder"]))
    if feeder_digest(feeder) != payload["feeder_sha256"]:
        raise InputError(
            "The tables of the feeder were changed since the question was checked. Ask anew."
        )
    return feeder


def _require_files(config: StudyConfig, payload: Mapping[str, Any]) -> None:
    """Refuse tables and policies that were changed since the question was checked."""
    from tieline.studies.copies import read_inputs

    contents = read_inputs(config.model_copy(update=payload["inputs"]))
    for name, content in contents.items():
        if hashlib.sha256(content).hexdigest() != payload["files"].get(name):
            raise InputError(
                f"'{name}' was changed since the question was checked. Ask anew."
            )


class _Progress:
    """Tells how far a run is to whoever follows its job, now and then."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._next_s = 0.0

    def __call__(self, steps: int, total: int, text: str) -> None:
        """Called by the study with steps done, of how many, and what comes now."""
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + TELL_S
        said = {"done": steps, "all": total, "text": text}
        self._desk.store.write(lambda connection: self._tell(connection, said))

    def _tell(self, connection: sa.Connection, said: dict[str, Any]) -> None:
        """A worker whose job is another's by now says nothing more, and stops here."""
        require_newest(connection, self._desk.token)
        topic = queue.topic(self._desk.job_id)
        events.tell(connection, topic, "progress", said, self._desk.store.now())
