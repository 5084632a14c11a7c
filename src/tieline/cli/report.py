"""`tieline report FOLDER`: write the report of a run folder again, for example after an upgrade."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def report(
    folder: Annotated[Path, Parameter(help="Run folder that `tieline run` wrote.")],
) -> None:
    """Write report.html of a run folder again, from what the folder holds and nothing else."""
    from tieline.cli.working import working
    from tieline.studies.result import REPORT
    from tieline.studies.saved_run import rewrite_report

    with working("writing the report"):
        rewrite_report(folder)
    print(f"written: {folder / REPORT}")
