"""The shell around every study: it reads the feeder once, takes the time, adds notes, stamps, and keeps the answer in a folder.

    run_study(name, feeder=..., ...)      from Python: the answer as a `Result`
    open_run(study, config, folder)       with a run folder, claimed before any work; an interrupted run is resumed

A study itself is `answer(feeder, config, tell)` and `report(result)`; see `answer`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tieline.errors import InputError, NoAnswerError
from tieline.feeders import Feeder, load_feeder
from tieline.feeders.asked import with_load_model
from tieline.feeders.feeder import require_feeder
from tieline.feeders.islands import island_feeder, read_island
from tieline.feeders.limits import with_limits_of
from tieline.feeders.problems import require_sound
from tieline.powerflow import with_fixed_q
from tieline.reports.remarks import Remark, approximated, of_notes
from tieline.settings.limit_fields import LimitSettings
from tieline.studies.answer import Answer, Tell
from tieline.studies.asked_limits import limit_metrics, tell_limits
from tieline.studies.catalogue import Study, find_study
from tieline.studies.checkpoint import Checkpoint
from tieline.studies.config import StudyConfig, make_config
from tieline.studies.copies import Copies, read_inputs
from tieline.studies.result import Result
from tieline.studies.run_folder import RunFolder, claim
from tieline.typing import Progress

AnyFeeder = Feeder | str | Path

NO_PATHS: Mapping[str, str] = {}
NO_COPIES = Copies()


def run_study(
    name: str,
    feeder: AnyFeeder | None = None,
    config: StudyConfig | None = None,
    progress: Progress | None = None,
    **values: Any,
) -> Result:
    """Answer the question of a study.

    Args:
        name: a study, for example "hosting-capacity", or a training, "reserve-training".
        feeder: a `Feeder`, the name of a bundled one, or the path of a file; that of the configuration if not given.
        config: the whole configuration, in place of `values`.
        progress: called with (done, all, text).
        values: fields of the configuration, for example `seed=3`; the rest keeps its default.

    Returns:
        Metrics, tables and provenance; `save` writes the run folder.

    Raises:
        InputError, FeederError: if the study, a field, a value or the feeder cannot be used.
        NoAnswerError: if the question has no answer; what each study raises stands at its `answer`.
    """
    study = find_study(name)
    if config is not None and values:
        raise InputError(
            f"Both a configuration and {', '.join(values)} were given. Give one of them."
        )
    named = _feeder_field(feeder)
    if config is None:
        config = make_config(study.config_model, {**named, **values})
    if not isinstance(config, study.config_model):
        config_name = study.config_model.__name__
        raise InputError(
            f"Study '{study.name}' takes a {config_name}; got {type(config).__name__}. Give one, or its fields by name."
        )
    return answer(study, config.model_copy(update=named), feeder, Tell(progress))


def _feeder_field(feeder: AnyFeeder | None) -> dict[str, str]:
    """What the configuration says of the feeder: the name or path, and of a `Feeder` built in Python its name."""
    if feeder is None:
        return {}
    if isinstance(feeder, str | Path):
        return {"feeder": str(feeder)}
    require_feeder(feeder)
    return {"feeder": feeder.name}


def answer(
    study: Study,
    config: StudyConfig,
    feeder: AnyFeeder | None = None,
    tell: Tell | None = None,
    paths: Mapping[str, str] = NO_PATHS,
) -> Result:
    """Answer what `config` asks; nothing is written but the parts that `tell` keeps.

    Args:
        study: of the catalogue.
        config: the question.
        feeder: in place of the one that `config` names.
        tell: how far it is, and where finished parts are kept.
        paths: what is read in place of those that `config` names, by field.
    """
    tell = tell or Tell()
    case = ask(study, config, feeder, tell, paths)
    return case.result(study.answer(case.feeder, case.question, tell))


@dataclass(frozen=True)
class Asked:
    """A question whose feeder and inputs are read.

    Attributes:
        study, config: what is asked.
        question: the same, with the paths of copies in it.
        sound: the feeder as it was read and checked.
        feeder: as the study takes it.
        inputs: content of what the configuration names.
        limits_told: what is said of the limits.
        began: when the work on it began, on the clock of `time.perf_counter` [s].
    """

    study: Study
    config: StudyConfig
    question: StudyConfig
    sound: Feeder
    feeder: Feeder
    inputs: dict[str, bytes]
    limits_told: list[Remark]
    began: float

    def result(self, reply: Answer) -> Result:
        """The answer with its notes, the time it took, and where it comes from."""
        # Rounded as it is saved: otherwise a page written from the folder could show another digit.
        wall_s = round(time.perf_counter() - self.began, 3)
        notes = of_notes(self.feeder.notes)
        return Result(
            study=self.study.name,
            config=self.config,
            feeder=self.sound,
            metrics={**reply.metrics, **limit_metrics(self.config)},
            tables=reply.tables,
            remarks=(*self.limits_told, *notes, *reply.remarks),
            files=reply.files,
            inputs=self.inputs,
            wall_s=wall_s,
        )


def ask(
    study: Study,
    config: StudyConfig,
    feeder: AnyFeeder | None = None,
    tell: Tell | None = None,
    paths: Mapping[str, str] = NO_PATHS,
) -> Asked:
    """Read what a question is about, before anything is solved; arguments as those of `answer`."""
    began = time.perf_counter()
    sound = _read(config, config.feeder if feeder is None else feeder)
    config, limits_told = _with_limits(sound, config)
    # the study reads the copies, while the result says what was asked: a repeated run names what the first one named
    question = config.model_copy(update=dict(paths))
    # before the study reads them: what is kept is what was asked
    inputs = read_inputs(question)
    (tell or Tell()).ask_of(sound, inputs)
    modelled = with_load_model(sound, config.load_model)
    studied = _as_studied(study, modelled, config.FOLLOWS_INVERTERS)
    return Asked(study, config, question, sound, studied, inputs, limits_told, began)


def _with_limits(
    feeder: Feeder, config: StudyConfig
) -> tuple[StudyConfig, list[Remark]]:
    """The configuration with the limits that fit the feeder in place of `standard`, and what is said of them."""
    if not isinstance(config, LimitSettings):
        return config, []
    fitting, because = with_limits_of(feeder, config)
    return fitting, approximated([tell_limits(feeder, fitting, because)])


def _read(config: StudyConfig, feeder: AnyFeeder) -> Feeder:
    """A feeder that can be used; one built in Python is checked as one from a file is."""
    if isinstance(feeder, Feeder):
        return require_sound(feeder)
    if config.ASKS_ISLANDS:
        return island_feeder(read_island(feeder))
    return load_feeder(feeder)


def _as_studied(study: Study, feeder: Feeder, follows_inverters: bool) -> Feeder:
    """The feeder as a study takes it; raises `InputError` where it has more sources than the study can take."""
    if study.is_power_flow:
        return feeder
    # drawn as a tree below its source: refused now, not when all is worked out
    _ = feeder.source
    return with_fixed_q(feeder, keep_inverters=follows_inverters)


@dataclass(frozen=True)
class FolderRun:
    """A run whose folder this process alone may fill.

    Attributes:
        study, config: what is asked.
        run_folder: the folder, which is claimed.
        checkpoint: where a study that can resume keeps its finished parts.
    """

    study: Study
    config: StudyConfig
    run_folder: RunFolder
    checkpoint: Checkpoint | None

    @property
    def has_parts(self) -> bool:
        """Whether finished parts are kept in the folder."""
        return self.checkpoint is not None and self.checkpoint.has_parts

    @property
    def notes(self) -> list[str]:
        """What the user must know about the parts."""
        if self.checkpoint is None:
            return []
        return self.checkpoint.notes

    def answer(
        self, copies: Copies = NO_COPIES, progress: Progress | None = None
    ) -> Result:
        """Answer the question, with copies in place of what it names.

        If that breaks off, finished parts stay for a run that resumes, and nothing else does.
        """
        tell = Tell(progress, self.checkpoint)
        try:
            return answer(self.study, self.config, copies.feeder, tell, copies.inputs)
        except NoAnswerError:
            # a question without an answer leaves nothing to go on with
            self._clear()
            raise
        finally:
            # without parts, the word that a run began would make the folder look unfinished
            if not self.has_parts:
                self._clear()

    def save(self, result: Result) -> None:
        """Write the files of the result, and remove the parts that went into it."""
        result.save_in(self.run_folder)
        self._clear()

    def _clear(self) -> None:
        if self.checkpoint is not None:
            self.checkpoint.clear()


@contextmanager
def open_run(
    study: Study,
    config: StudyConfig,
    folder: Path,
    may_resume: bool = False,
    is_new: bool = False,
    may_replace: bool = True,
) -> Iterator[FolderRun]:
    """A run in a folder, which is claimed for it as long as the context lasts; arguments and errors of `claim`."""
    with claim(folder, may_resume, is_new, may_replace) as run_folder:
        checkpoint = None
        if study.can_resume:
            # who signs the report has no say in the answer
            checkpoint = Checkpoint(folder, config, study.how | {"author"})
        yield FolderRun(study, config, run_folder, checkpoint)
