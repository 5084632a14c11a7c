"""`tieline run STUDY`: one command per study, its flags made from the study's configuration.

Values come from the configuration file and then from flags; whatever neither gives is the configuration's default.
"""

from __future__ import annotations

import inspect
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from tieline.cli.flags import config_flags
from tieline.studies.catalogue import STUDIES, Study
from tieline.studies.config import StudyConfig, make_config, read_config_file

app = App(name="run", help="Run a study and write its folder: configuration, result, tables, report.")

OUT_HELP = "Run folder to write; runs/STUDY-FEEDER-TIME if not given."
CONFIG_HELP = "TOML file with values of the configuration; flags go before it."


def _command(study: Study) -> Any:
    """A function with one keyword per configuration field, which the command line reads its flags from."""

    def command(**flags: Any) -> None:
        out, config_file = flags.pop("out", None), flags.pop("config", None)
        values = {**(read_config_file(config_file) if config_file else {}), **flags}
        run_study(study, make_config(study.config_model, values), out)

    command.__doc__ = study.question
    command.__signature__ = inspect.Signature([*config_flags(study.config_model), *_folder_flags()])  # type: ignore[attr-defined]
    return command


def _folder_flags() -> list[inspect.Parameter]:
    keyword = inspect.Parameter.KEYWORD_ONLY
    out = Annotated[Path | None, Parameter(help=OUT_HELP)]
    config = Annotated[Path | None, Parameter(help=CONFIG_HELP)]
    return [
        inspect.Parameter("out", keyword, default=None, annotation=out),
        inspect.Parameter("config", keyword, default=None, annotation=config),
    ]


for _study in STUDIES.values():
    app.command(_command(_study), name=_study.name)


def run_study(study: Study, config: StudyConfig, out: Path | None) -> None:
    """Run, save, and print the answer."""
    from tieline.cli.output import print_result, progress_bar
    from tieline.studies.result import check_writable

    folder = out or default_folder(study, config)
    check_writable(folder)
    with progress_bar(study.name) as progress:
        result = study.run(config, progress)
    result.save(folder, lambda path: study.write_report(result, path))
    print_result(result, folder)


def default_folder(study: Study, config: StudyConfig) -> Path:
    """A folder of its own for every run."""
    feeder = Path(config.feeder).stem.lower()
    return Path("runs") / f"{study.name}-{feeder}-{datetime.now():%Y%m%d-%H%M%S}"
