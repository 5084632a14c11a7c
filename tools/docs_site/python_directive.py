"""The directive `run-python`: runs Python, and shows the code, what it prints, and the picture that its last line makes.

Blocks of a page share their names, from top to bottom, and run in the folder of its commands. A picture is a `tieline.Plot`; it
is drawn into the page.
"""

from __future__ import annotations

import ast
import io
from contextlib import chdir, redirect_stdout
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from docs_site.pictures import svg_of
from docs_site.run_directive import page_folder
from tieline import Plot
from tieline.reports import Diagram

NAMES = "docs_site_names"
"""Where the build environment keeps the names of the page that is read."""


class PythonDirective(SphinxDirective):
    """Python code, and below it what comes of it."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Called by docutils."""
        code = "\n".join(self.content)
        shown: list[nodes.Node] = [nodes.literal_block(code, code, language="python")]
        if not self.config.docs_site_runs:
            return shown
        names: Any = self.env.temp_data.setdefault(NAMES, {})
        folder = page_folder(self.env.docname)
        folder.mkdir(parents=True, exist_ok=True)
        with chdir(folder):
            printed, last = run_block(code, names)
        if printed:
            shown.append(nodes.literal_block(printed, printed, language="text"))
        return shown + _picture(last)


def run_block(code: str, names: dict[str, Any]) -> tuple[str, Any]:
    """Run code as a prompt does: what it prints, and the value of its last line if that is an expression."""
    statements = ast.parse(code).body
    end = statements[-1]
    last = None
    if isinstance(end, ast.Expr):
        last = ast.Expression(end.value)
        statements = statements[:-1]
    output = io.StringIO()
    with redirect_stdout(output):
        exec(compile(ast.Module(statements, []), "<page>", "exec"), names)
        value = None
        if last is not None:
            value = eval(compile(last, "<page>", "eval"), names)  # noqa: S307
    printed = output.getvalue().rstrip()
    if value is not None and not isinstance(value, Plot):
        printed = f"{printed}\n{value!r}".strip()
    return printed, value


def _picture(value: Any) -> list[nodes.Node]:
    """The drawing of a plot."""
    if not isinstance(value, Plot) or not isinstance(value.block, Diagram):
        return []
    drawing = svg_of(value.block)
    return [nodes.raw("", f'<div class="drawing">{drawing}</div>', format="html")]
