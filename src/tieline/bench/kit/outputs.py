"""The files that a benchmark is asked to write: looked at before anything is measured, written when all of it is there."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tieline.bench.kit.markdown import Page, figure_name, sections_to_markdown
from tieline.bench.kit.options import flag_name
from tieline.bench.kit.provenance import Provenance, head
from tieline.errors import InputError
from tieline.files import require_writable, write_file


@dataclass(frozen=True)
class Outputs:
    """Where to write.

    Attributes:
        out: JSON file with what was measured; None: not asked for.
        page: Markdown page, with its figures beside it; None: not asked for.
    """

    out: Path | None
    page: Path | None

    @property
    def page_name(self) -> str:
        """The page as it is shown to others: of a path with a machine's folders only the name; empty if none is written."""
        if self.page is None:
            return ""
        if self.page.is_absolute():
            return self.page.name
        return self.page.as_posix()

    def require_places(self, figures: Sequence[str]) -> None:
        """Refuse files that could not be written, and one that is named twice.

        Args:
            figures: names of the figures on the page.

        Raises:
            InputError: saying which file cannot be written, is named twice, or would be overwritten unasked.
        """
        places = {flag_name("out"): self.out, flag_name("page"): self.page}
        outputs = {flag: path for flag, path in places.items() if path is not None}
        for flag, path in outputs.items():
            require_writable(path, flag)
        # links may lead two names to one file
        files = {os.path.realpath(path) for path in outputs.values()}
        if len(files) < len(outputs):
            raise InputError(
                f"{' and '.join(outputs)} name the same file. Give each its own."
            )
        if self.page is not None:
            for name in figures:
                figure = self.page.with_name(figure_name(self.page.stem, name))
                _require_room(figure, self.page)

    def write_json(self, measurement: Any, provenance: Provenance) -> None:
        """Write what was measured, if that is asked for."""
        if self.out is not None:
            content = {**asdict(provenance), **measurement.to_json()}
            write_file(self.out, json.dumps(content, indent=2) + "\n")

    def write_page(self, heading: str, page: Page, provenance: Provenance) -> None:
        """Write the page and its figures; raises `ValueError` if none is asked for."""
        if self.page is None:
            raise ValueError("no page was asked for")
        for figure in page.figures:
            file_name = figure_name(self.page.stem, figure.name)
            write_file(self.page.with_name(file_name), figure.svg)
        # the page last: if it is there, the figures that it shows are there too
        beginning = head(heading, page.intro, provenance)
        body = sections_to_markdown(page.sections, self.page.stem)
        write_file(self.page, f"{beginning}\n\n{body}\n")


def _require_room(figure: Path, page: Path) -> None:
    """Refuse to overwrite a file that nobody named, unless the page that it belongs to is there."""
    require_writable(figure, "--page")
    if figure.exists() and not page.exists():
        raise InputError(
            f"'{figure}' exists, where the figure of the page would go. Choose another place with --page."
        )
