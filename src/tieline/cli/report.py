"""`tieline report FOLDER`: write the report of a run folder again, for example after an upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def report(folder: Annotated[Path, Parameter(help="Run folder that `tieline run` wrote.")]) -> None:
    """Write report.html of a run folder again."""
    from tieline.studies.catalogue import find_study
    from tieline.studies.result import load_result, read_result_json

    study = find_study(str(read_result_json(folder).get("study")))
    result = load_result(folder, study.config_model)
    study.write_report(result, folder / "report.html")
    print(f"written: {folder / 'report.html'}")
