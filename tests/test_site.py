"""The site builds without a warning: every page is reachable, every reference and docstring can be read.

Nothing is run for it, neither commands nor examples; `make docs` does that.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built for its warnings alone."""
    pytest.importorskip("sphinx_gallery", reason="needs the extra docs")
    folder = tmp_path_factory.mktemp("site")
    options = ["-q", "--fail-on-warning", "--keep-going", "-b", "html"]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, DOCS, folder / "html"],
        env={**os.environ, "TIELINE_DOCS_RUNS": "off"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "html"


def test_a_finding_and_a_flag_can_be_linked_to(site: Path) -> None:
    findings = (site / "reference/findings.html").read_text(encoding="utf-8")
    assert 'id="finding-load-kv-mismatch"' in findings
    command = (site / "reference/commands/run-interval.html").read_text("utf-8")
    assert "--spread-pct" in command
    assert "that of --limits if not given" in command


def test_the_gallery_has_a_title_and_no_raw_markup(site: Path) -> None:
    page = (site / "examples/index.html").read_text(encoding="utf-8")
    assert "<h1>Examples" in page
    assert "| ---" not in page


def test_the_api_describes_what_the_package_offers(site: Path) -> None:
    page = (site / "reference/api/tieline.html").read_text(encoding="utf-8")
    assert 'id="tieline.plot_feeder"' in page


def test_search_works_without_a_network(site: Path) -> None:
    assert (site / "searchindex.js").stat().st_size > 100_000
    page = (site / "index.html").read_text(encoding="utf-8")
    assert 'src="http' not in page
    assert 'rel="stylesheet" type="text/css" href="http' not in page
