"""How a generated page reaches the disk, and the Markdown that several of them are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

NOTICE = "\n<!-- Written by tools/docs_site when the site is built. -->\n"


def write_pages(folder: Path, pages: Mapping[str, str]) -> None:
    """Write pages by their path within a folder, and remove what an earlier build left there and this one does not have.

    A page that says what it said before is not touched, so that Sphinx need not read it again.
    """
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in pages:
            path.unlink()
    for name, text in pages.items():
        path = folder / name
        content = text + NOTICE
        if path.exists() and path.read_text(encoding="utf-8") == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; bars and line ends within a cell are made harmless."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    lines += [_row([_cell(text) for text in row]) for row in rows]
    return "\n".join(lines) + "\n"


def toctree(names: Iterable[str]) -> str:
    """A table of contents that shows the titles of pages."""
    return "\n".join(["```{toctree}", ":maxdepth: 1", "", *names, "```"]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
