"""`tieline run STUDY`: one command per study, its flags made from the study's configuration.

Values come from the configuration file and then from flags; whatever neither gives is the configuration's default. A run that is
resumed begins with the values it was started with, and reads the copies that are kept of what these name.
"""

from __future__ import annotations

import inspect
import itertools
import json
import shlex
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from tieline.cli.flags import config_flags
from tieline.cli.output_flags import (
    OutputFlags,
    output_parameter,
    output_parameters,
)
from tieline.errors import InputError, reason_of
from tieline.studies.catalogue import STUDIES, TRAININGS, Study
from tieline.studies.config import StudyConfig, make_config, read_config_file

if TYPE_CHECKING:
    from tieline.studies.copies import Copies
    from tieline.studies.result import Result
    from tieline.studies.shell import FolderRun

app = App(
    name="run",
    help="Run a study and write its folder: configuration, result, tables, report.",
)

LONGEST_NAME = 60
"""Letters of a feeder's name in that of a folder; file systems take 255 in all."""
FOLDER_FLAGS: dict[str, tuple[Any, str]] = {
    "out": (
        Path | None,
        "Run folder to write; runs/STUDY-FEEDER-TIME if not given.",
    ),
    "config": (
        Path | None,
        "TOML file with values of the configuration; flags go before it. The config.toml of a run folder means the feeder kept "
        "beside it, so a run can be repeated anywhere; --feeder asks for another.",
    ),
}
RESUME_HELP = "Go on with the interrupted run in the folder given by --out."


def study_command(study: Study) -> Any:
    """A function with one keyword per configuration field, which the command line reads its flags from."""

    def command(**flags: Any) -> None:
        output = OutputFlags.taken_from(flags)
        output.require_formats()
        out = flags.pop("out", None)
        config_file = flags.pop("config", None)
        resume = flags.pop("resume", False)
        stored = _stored_values(out) if resume else {}
        written = read_config_file(config_file) if config_file else {}
        # A flag goes before the file, and the file before what the interrupted run was started with.
        values = {**stored, **written}
        config = make_config(study.config_model, {**values, **flags}, flags)
        # what a flag asks for is read anew, even where what is kept has the same name
        names = {name: value for name, value in values.items() if name not in flags}
        copies = _copies(out if resume else None, config_file, names)
        run_and_save(study, config, output, out, resume, copies)

    command.__doc__ = study.question
    command.__signature__ = inspect.Signature(
        [*config_flags(study.config_model), *_folder_flags(study)]
    )  # type: ignore[attr-defined]
    return command


def _copies(
    unfinished: Path | None, config_file: Path | None, values: Mapping[str, Any]
) -> Copies:
    """What is kept in the folder of the run that is gone on with, or beside the config.toml of a run folder, as far as the values
    still name what that run was asked of.
    """
    from tieline.own_files import OwnFiles
    from tieline.studies.checkpoint import RUN_FILE, UNFINISHED
    from tieline.studies.copies import FEEDER, Copies, read_copies
    from tieline.studies.run_folder import CONFIG, RESULT

    if unfinished is not None:
        place = OwnFiles(unfinished / UNFINISHED, RUN_FILE)
    elif config_file is not None and config_file.name == CONFIG:
        place = OwnFiles(config_file.parent, RESULT)
    else:
        return Copies()
    copies = read_copies(place, values)
    if copies.feeder is not None:
        _tell_kept("feeder", values["feeder"], place.folder / FEEDER)
    for name, path in copies.inputs.items():
        _tell_kept(name, values[name], path)
    return copies


def _tell_kept(name: str, value: str, place: object) -> None:
    """Say what is read in place of what is named; beside the answer, which may be JSON."""
    print(f"{name}: '{value}' as kept in '{place}'", file=sys.stderr)


def _folder_flags(study: Study) -> list[inspect.Parameter]:
    """Where the run goes and comes from, and what is shown of it."""
    flags = [
        output_parameter(name, kind, {"help": words})
        for name, (kind, words) in FOLDER_FLAGS.items()
    ]
    if study.can_resume:
        resume = output_parameter("resume", bool, {"help": RESUME_HELP}, default=False)
        flags.append(resume)
    return [*flags, *output_parameters()]


def _stored_values(out: Path | None) -> dict[str, Any]:
    """Configuration of the unfinished run in a folder; raises `InputError` if there is none to go on with."""
    from tieline.studies.checkpoint import stored_config

    if out is None:
        raise InputError(
            "--resume needs the folder of the interrupted run. Give it with --out."
        )
    return stored_config(out)


def __getattr__(name: str) -> Any:
    """The command of a study or training by its name: made when it is asked for, because its flags take its configuration."""
    studies = STUDIES | {training.name: training for training in TRAININGS.values()}
    if name not in studies:
        raise AttributeError(name)
    return study_command(studies[name])


for _study in STUDIES.values():
    app.command(f"{__name__}:{_study.name}", name=_study.name, help=_study.question)


def run_and_save(
    study: Study,
    config: StudyConfig,
    output: OutputFlags,
    out: Path | None,
    resume: bool = False,
    copies: Copies | None = None,
) -> None:
    """Run, print the answer, and only then save it.

    Args:
        study: of the catalogue.
        config: the question.
        output: what is shown and kept beside.
        out: the run folder; a new one if not given.
        resume: whether an interrupted run in it is gone on with.
        copies: what is read in place of that which the configuration names.
    """
    from tieline.cli.output import print_notes, print_saved
    from tieline.cli.working import WRITING, working
    from tieline.studies.shell import open_run

    folder = out or new_folder(study, config)
    # who goes on with a run has agreed to what it replaces when it began
    may_replace = output.force or resume
    is_new = out is None
    with open_run(study, config, folder, resume, is_new, may_replace) as run:
        result = _answer(run, copies, output)
        try:
            show_answer(result, output)
            if output.prints_answer:
                print_notes(run.notes)
        finally:  # a reader of our output who left, or a full disk behind it, must not cost the answer
            with working(WRITING, output.quiet):
                run.save(result)
        if output.prints_answer:
            print_saved(folder, run.run_folder.earlier)
    if output.open:
        open_report(folder)


def show_answer(result: Result, output: OutputFlags) -> None:
    """Print a result as it was asked for."""
    if output.json:
        print(json.dumps(result.to_json(), indent=2))
    elif output.prints_answer:
        from tieline.cli.answer import print_answer

        print_answer(result, output.metrics)


def in_formats(result: Result, output: OutputFlags) -> Result:
    """The result with its tables in the formats that were asked for."""
    from tieline.studies.table_files import csv_files, excel_file

    if output.csv:
        result = result.with_files(csv_files(result.tables))
    if output.excel:
        result = result.with_files(excel_file(result.tables))
    return result


def open_report(folder: Path) -> None:
    """Show the report of a run folder in the browser."""
    from tieline.reports.browser import show_page
    from tieline.studies.result import REPORT

    show_page(folder / REPORT)


def _answer(run: FolderRun, copies: Copies | None, output: OutputFlags) -> Result:
    """Answer with a progress bar; who interrupts is told how to go on if anything is finished."""
    from tieline.cli.output import progress_bar
    from tieline.powerflow.second_process import allow_second_process
    from tieline.studies.copies import Copies

    allow_second_process()
    try:
        with progress_bar(run.study.name, output.quiet) as progress:
            result = run.answer(copies or Copies(), progress)
            return in_formats(result, output)
    except KeyboardInterrupt:
        if not run.has_parts:
            raise
        raise KeyboardInterrupt(_how_to_go_on(run.study, run.run_folder.path)) from None


def _how_to_go_on(study: Study, folder: Path) -> str:
    """What an interrupted run left behind, and the command that takes it up."""
    command = f"tieline run {study.name} --out {shlex.quote(str(folder))} --resume"
    return f"what is finished is kept in '{folder}'. Go on with: {command}"


def new_folder(study: Study, config: StudyConfig) -> Path:
    """Make a folder of its own for every run, however many begin in the same second; `InputError` where none can be made."""
    feeder = Path(config.feeder).stem.lower()[:LONGEST_NAME]
    name = f"{study.name}-{feeder}-{datetime.now():%Y%m%d-%H%M%S}"
    for number in itertools.count(1):
        suffix = "" if number == 1 else f"-{number}"
        folder = Path("runs") / f"{name}{suffix}"
        try:
            # made and not looked for: of two runs at once only one can make it
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise InputError(
                f"Folder '{folder}' cannot be made ({reason_of(error)}). Choose another with --out."
            ) from None
        return folder
    raise AssertionError("the numbers do not end")
