"""Two directives for tutorials: `run` runs commands and shows what they print, `report` shows a report that one of them wrote.

    ```{run}
    tieline solve ieee13
    ```

All commands of a page run in one folder, from top to bottom, so that a later one finds what an earlier one left. A command that
ends with another exit code than `:exit:` (0) stops the build. Lines other than `tieline ...` are left to the shell.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from docs_site.report_pages import REPORTS, report_frame
from docs_site.study_runs import LONGEST_S, RUNS

TIELINE = 'tieline() { "$TIELINE_PYTHON" -m tieline "$@"; }\n'
"""The command as this build has it, whatever is installed elsewhere."""


class RunDirective(SphinxDirective):
    """Commands, and below them what they print."""

    has_content = True
    option_spec: ClassVar = {
        "exit": directives.nonnegative_int,
        "lines": directives.positive_int,
    }

    def run(self) -> list[nodes.Node]:
        """Called by docutils."""
        commands = "\n".join(self.content)
        shown = nodes.literal_block(commands, commands, language="bash")
        if not self.config.docs_site_runs:
            return [shown]
        printed = self._printed(commands)
        return [shown, nodes.literal_block(printed, printed, language="text")]

    def _printed(self, commands: str) -> str:
        folder = page_folder(self.env.docname)
        finished = _run(commands, folder)
        expected = self.options.get("exit", 0)
        output = finished.stdout.rstrip()
        if finished.returncode != expected:
            raise self.error(
                f"exit code {finished.returncode} and not {expected}:\n{output}"
            )
        lines = output.splitlines()
        most = self.options.get("lines", len(lines))
        if len(lines) > most:
            lines = [*lines[:most], f"... and {len(lines) - most} more lines"]
        return "\n".join(lines)


class ReportDirective(SphinxDirective):
    """A report that a command above wrote into the run folder of that name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Called by docutils."""
        if not self.config.docs_site_runs:
            return []
        name = Path(self.arguments[0]).name
        depth = self.env.docname.count("/")
        address = f"{'../' * depth}{REPORTS}/{name}.html"
        frame = report_frame(address, f"Report {name}")
        return [nodes.raw("", frame, format="html")]


def page_folder(page: str) -> Path:
    """Where the commands of a page run."""
    return RUNS / "pages" / page.replace("/", "-")


def empty_page_folder(app: object, page: str, content: list[str]) -> None:
    """A page that is read again begins with nothing. Called by Sphinx."""
    shutil.rmtree(page_folder(page), ignore_errors=True)


def _run(commands: str, folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(parents=True, exist_ok=True)
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    return subprocess.run(
        ["bash", "-euc", TIELINE + commands],
        cwd=folder,
        env={**os.environ, **plain, "TIELINE_PYTHON": sys.executable},
        stdout=subprocess.PIPE,
        # what a reader sees in a terminal, in the order in which it comes
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
