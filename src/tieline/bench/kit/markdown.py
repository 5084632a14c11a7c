"""A page as data: sections of paragraphs, tables and figures, and the Markdown that they are written as.

A benchmark's `page.py` says what stands on its page; how a table looks, where a figure's file goes and how the page begins is
said here, once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table of texts, on a page or on the screen.

    Attributes:
        headings: of the columns.
        rows: one text per column.
        alignment: l or r for each column.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    alignment: str

    def to_markdown(self) -> str:
        """A line per row, below the headings."""
        # Markdown aligns a column by its rule: a colon behind it means to the right
        rule = ["---" if side == "l" else "---:" for side in self.alignment]
        lines = [_line(self.headings), _line(rule)]
        lines += [_line(cells) for cells in self.rows]
        return "\n".join(lines)


@dataclass(frozen=True)
class Figure:
    """An SVG that gets a file of its own beside the page; `name` is the end of the file's name, `text` says what it shows."""

    name: str
    svg: str
    text: str


Block = str | Table | Figure
"""What stands between blank lines; a text is Markdown."""


@dataclass(frozen=True)
class Section:
    """Blocks under a title; without a title they go on from the section before."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Page:
    """What a benchmark says on its page: how it begins, and its sections.

    Attributes:
        intro: what is measured; the command, the machine and the versions follow it.
        sections: all that comes after.
    """

    intro: str
    sections: Sequence[Section]

    @property
    def figures(self) -> list[Figure]:
        """All figures, in order."""
        figures = []
        for section in self.sections:
            figures += [block for block in section.blocks if isinstance(block, Figure)]
        return figures


@dataclass(frozen=True)
class Summary:
    """What a benchmark says on the screen: tables with their titles, and notes below them."""

    tables: Sequence[tuple[str, Table]]
    notes: Sequence[str] = ()


def sections_to_markdown(sections: Iterable[Section], stem: str) -> str:
    """Sections as Markdown, blank lines between blocks.

    Args:
        sections: in order.
        stem: name of the page's file without its ending, with which its figures' names begin.
    """
    return "\n\n".join(
        text for section in sections for text in _section_texts(section, stem)
    )


def figure_name(stem: str, name: str) -> str:
    """Name of a figure's file beside the page `stem`."""
    return f"{stem}-{name}.svg"


def bullets(lines: Iterable[str]) -> str:
    """A list, one line each."""
    return "\n".join(f"- {line}" for line in lines)


def _section_texts(section: Section, stem: str) -> list[str]:
    texts = [f"## {section.title}"] if section.title else []
    texts += [_block_text(block, stem) for block in section.blocks]
    return texts


def _block_text(block: Block, stem: str) -> str:
    if isinstance(block, Table):
        return block.to_markdown()
    if isinstance(block, Figure):
        return f"![{block.text}]({figure_name(stem, block.name)})"
    return block


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
