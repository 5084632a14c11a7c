"""The Sphinx extension of the site: pages that follow from the code, written before the others are read.

What is generated goes to `docs/reference`, which is not kept under version control: nobody can edit it and forget the code. Each
kind of page has its file here. With `docs_site_runs` off nothing is run, and pages that show answers say so in their place.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from docs_site.api_pages import api_pages
from docs_site.command_pages import command_pages
from docs_site.docstrings import process_docstring
from docs_site.finding_codes import finding_kinds
from docs_site.finding_pages import finding_pages
from docs_site.generated import write_pages
from docs_site.python_directive import PythonDirective
from docs_site.report_pages import copy_reports, report_pages
from docs_site.run_directive import ReportDirective, RunDirective, empty_page_folder
from docs_site.sources import package_sources
from docs_site.study_runs import answered_studies
from docs_site.table_pages import table_pages

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def write_reference(app: Sphinx) -> None:
    """Write every generated page below `docs/reference`."""
    folder = Path(app.srcdir) / "reference"
    runs = answered_studies(app.config.docs_site_runs)
    pages = {
        **command_pages(),
        **finding_pages(finding_kinds(package_sources())),
        **api_pages(),
        **table_pages(runs, Path(app.srcdir)),
        **report_pages(runs, Path(app.srcdir)),
    }
    write_pages(folder, pages)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_config_value("docs_site_runs", True, "env")
    app.add_directive("run", RunDirective)
    app.add_directive("run-python", PythonDirective)
    app.add_directive("report", ReportDirective)
    app.connect("source-read", empty_page_folder)
    # before napoleon, which has 500
    app.connect("autodoc-process-docstring", process_docstring, priority=400)
    app.connect("builder-inited", write_reference)
    app.connect("build-finished", copy_reports)
    return {"parallel_read_safe": False}
