"""`tieline report FOLDER`: write the report of a run folder again, for example after an upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def report(folder: Annotated[Path, Parameter(help="Run folder that `tieline run` wrote.")]) -> None:
    """Write report.html of a run folder again."""
    from tieline.studies.catalogue import find_study
    from tieline.studies.result import REPORT, load_result, rewrite_report
    from tieline.studies.run_folder import read_result

    study = find_study(str(read_result(folder)[0]["study"]))
    result = load_result(folder, study.config_model)
    study.require_same_feeder(result)
    rewrite_report(folder, lambda path: study.write_report(result, path))
    print(f"written: {folder / REPORT}")
