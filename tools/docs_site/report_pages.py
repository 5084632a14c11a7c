"""The gallery of reports: every study with its question, its command and the report that the command wrote.

A report is a file of its own that needs nothing else; it is copied beside the pages when these are written, and shown within its
entry.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from docs_site.generated import markdown_table
from docs_site.study_runs import RUNS, StudyRun, study_command
from docs_site.table_pages import study_page
from tieline.studies.catalogue import STUDIES, Study

if TYPE_CHECKING:
    from sphinx.application import Sphinx

REPORTS = "reports"
"""Folder of the site with the reports."""

INTRODUCTION = """# Questions and real reports

Each study answers one question. Below it stands the command that was run when this site was built, and the report that it
wrote. A report is one file: it opens in any browser, without a network, and can be sent by mail. Unfold it here, or open
it in a window of its own.

"""


def report_pages(runs: Mapping[str, StudyRun], docs: Path) -> dict[str, str]:
    """Text by path: the one page."""
    rows = (
        (f"[{study.name}](#{study.name})", study.question) for study in STUDIES.values()
    )
    parts = [INTRODUCTION, markdown_table(("study", "question"), rows)]
    parts += [_entry(study, runs.get(study.name), docs) for study in STUDIES.values()]
    return {"reports.md": "\n".join(parts)}


def _entry(study: Study, run: StudyRun | None, docs: Path) -> str:
    page = study_page(docs, study.name)
    command = "solve" if study.is_power_flow else f"run-{study.name}"
    pages = [
        f"[all flags](commands/{command}.md)",
        f"[tables and metrics](tables/{study.name}.md)",
    ]
    if page is not None:
        pages.insert(0, f"[What is solved, and how](../{page})")
    parts = [
        f"## {study.name}",
        study.question,
        f"```bash\n{study_command(study.name)}\n```",
        " · ".join(pages),
    ]
    if run is not None:
        seconds = run.result["wall_s"]
        parts += [
            f"The run took {seconds:.0f} s on {run.result['machine']}.",
            _folded(report_frame(f"../{REPORTS}/{study.name}.html", study.name)),
        ]
    return "\n\n".join(parts) + "\n"


def _folded(frame: str) -> str:
    """A frame that is loaded when it is unfolded: all reports at once would keep a browser busy."""
    return f"<details>\n<summary>The report</summary>\n{frame}\n</details>"


def report_frame(address: str, title: str) -> str:
    """A report within a page, and a link to it alone."""
    return (
        f'<p><a href="{address}">Open the report</a></p>\n'
        f'<iframe class="report" src="{address}" title="{title}" loading="lazy"></iframe>'
    )


def copy_reports(app: Sphinx, error: Exception | None) -> None:
    """Copy the reports of all runs into the finished site."""
    if error is not None or not app.config.docs_site_runs:
        return
    folder = Path(app.outdir) / REPORTS
    folder.mkdir(exist_ok=True)
    # those of the gallery, and of the pages on which commands run
    for path in RUNS.rglob("report.html"):
        shutil.copy(path, folder / f"{path.parent.name}.html")
