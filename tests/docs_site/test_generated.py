"""Generated pages: written when they say something new, removed when nothing makes them any more."""

from __future__ import annotations

import os
from pathlib import Path

from docs_site.generated import markdown_table, write_pages


def test_a_page_that_says_the_same_is_not_touched(tmp_path: Path) -> None:
    write_pages(tmp_path, {"a.md": "# A\n", "b/c.md": "# C\n"})
    os.utime(tmp_path / "a.md", (0, 0))
    write_pages(tmp_path, {"a.md": "# A\n"})
    assert (tmp_path / "a.md").stat().st_mtime == 0
    assert not (tmp_path / "b" / "c.md").exists()
    write_pages(tmp_path, {"a.md": "# B\n"})
    assert (tmp_path / "a.md").read_text().startswith("# B\n")


def test_a_table_survives_bars_and_line_ends() -> None:
    text = markdown_table(("a", "b"), [("x | y", "two\nlines")])
    assert text == "| a | b |\n| --- | --- |\n| x \\| y | two lines |\n"
