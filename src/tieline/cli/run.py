"""`tieline run STUDY`: one command per study, its flags made from the study's configuration.

Values come from the configuration file and then from flags; whatever neither gives is the configuration's default. A run that is
resumed begins with the values it was started with.
"""

from __future__ import annotations

import inspect
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tieline.cli.flags import config_flags
from tieline.errors import InputError
from tieline.studies.catalogue import STUDIES, Study
from tieline.studies.config import StudyConfig, make_config, read_config_file

app = App(name="run", help="Run a study and write its folder: configuration, result, tables, report.")

OUT_HELP = "Run folder to write; runs/STUDY-FEEDER-TIME if not given."
CONFIG_HELP = "TOML file with values of the configuration; flags go before it."
RESUME_HELP = "Go on with the interrupted run in the folder given by --out."


def study_command(study: Study) -> Any:
    """A function with one keyword per configuration field, which the command line reads its flags from."""

    def command(**flags: Any) -> None:
        out, config_file, resume = flags.pop("out", None), flags.pop("config", None), flags.pop("resume", False)
        stored = _stored_values(out) if resume else {}
        values = {**stored, **(read_config_file(config_file) if config_file else {}), **flags}
        run_study(study, make_config(study.config_model, values), out, resume)

    command.__doc__ = study.question
    command.__signature__ = inspect.Signature([*config_flags(study.config_model), *_folder_flags(study)])  # type: ignore[attr-defined]
    return command


def _folder_flags(study: Study) -> list[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    out = Annotated[Path | None, Parameter(help=OUT_HELP)]
    config = Annotated[Path | None, Parameter(help=CONFIG_HELP)]
    resume = Annotated[bool, Parameter(help=RESUME_HELP, negative="")]
    flags = [
        inspect.Parameter("out", keyword, default=None, annotation=out),
        inspect.Parameter("config", keyword, default=None, annotation=config),
    ]
    return [*flags, inspect.Parameter("resume", keyword, default=False, annotation=resume)] if study.can_resume else flags


def _stored_values(out: Path | None) -> dict[str, Any]:
    """Configuration of the unfinished run in a folder; raises `InputError` if the folder holds none to go on with."""
    from tieline.studies.checkpoint import stored_config

    if out is None:
        raise InputError("--resume needs the folder of the interrupted run. Give it with --out.")
    stored = stored_config(out)
    if not stored and (out / "result.json").exists():
        raise InputError(f"Run folder '{out}' is complete: there is nothing to resume. Leave out --resume to run again.")
    return stored


for _study in STUDIES.values():
    app.command(study_command(_study), name=_study.name)


def run_study(study: Study, config: StudyConfig, out: Path | None, resume: bool = False) -> None:
    """Run, save, and print the answer."""
    from tieline.cli.output import print_result, progress_bar
    from tieline.studies.checkpoint import Checkpoint
    from tieline.studies.result import check_writable

    folder = out or default_folder(study, config)
    check_writable(folder, may_resume=resume)
    checkpoint = Checkpoint(folder, config, study.how) if study.can_resume else None
    try:
        with progress_bar(study.name) as progress:
            result = study.run(config, progress, checkpoint)
    except KeyboardInterrupt:
        if checkpoint is None or not checkpoint.exists:
            raise
        raise KeyboardInterrupt(f"what is finished is kept in {folder}. Go on with: --out {folder} --resume") from None
    result.save(folder, lambda path: study.write_report(result, path))
    print_result(result, folder, study.printed)


def default_folder(study: Study, config: StudyConfig) -> Path:
    """A folder of its own for every run."""
    feeder = Path(config.feeder).stem.lower()
    return Path("runs") / f"{study.name}-{feeder}-{datetime.now():%Y%m%d-%H%M%S}"
