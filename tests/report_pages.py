"""The page of a run: written by the command line, and written again from the run's folder."""

from __future__ import annotations

from pathlib import Path

from tieline.cli.main import main


def check_page(folder: Path, words: list[str], sentences: tuple[str, ...]) -> None:
    """Run a study into a folder; its page holds the sentences, and as many drawings when it is made again from the folder.

    Args:
        folder: of the run, not there yet.
        words: study and flags, as typed behind `tieline run`.
        sentences: that the page must hold.
    """
    assert main(["run", *words, "--out", str(folder)]) == 0
    path = folder / "report.html"
    page = path.read_text(encoding="utf-8")
    missing = [sentence for sentence in sentences if sentence not in page]
    assert missing == []
    path.unlink()
    assert main(["report", str(folder)]) == 0
    again = path.read_text(encoding="utf-8")
    assert again.count("<svg") == page.count("<svg") > 0
