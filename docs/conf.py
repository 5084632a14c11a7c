"""Sphinx configuration of the site; `make docs` builds it into `build/site`.

Pages are the Markdown files of this folder. What follows from the code is not typed but written at build time, by
`tools/docs_site`: flags, finding codes, tables and metrics, the API, a gallery of reports. Nothing is fetched from a network, and
the site needs none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import tieline

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tools"))
# the study that a tutorial makes
sys.path.insert(0, str(HERE / "tutorials"))

project = "tieline"
author = "the tieline authors"
copyright = "the tieline authors, BSD 3-Clause"
version = release = tieline.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_gallery.gen_gallery",
    "docs_site",
]

# Checks alone, in well under a minute: no command, no study and no example is run.
docs_site_runs = os.environ.get("TIELINE_DOCS_RUNS", "on") != "off"

root_doc = "index"
# the gallery takes a .txt for its header before examples/README.md, which it would read as reStructuredText
exclude_patterns = ["_build", "examples/GALLERY_HEADER.*"]
suppress_warnings = [
    # `p_kw` in a docstring may be a field of several classes; any of them explains it
    "ref.python",
]
# quotes and ellipses, no dashes: --flag stays what is typed
smartquotes_action = "qe"
# `name` in a docstring links to what is called so, and is plain code where nothing is
default_role = "py:obj"

# without runs only warnings are of interest, and the navigation of the theme takes half of a build
html_theme = "furo" if docs_site_runs else "basic"
html_title = "tieline"
html_static_path = ["_static"]
html_css_files = ["tieline.css"]
html_copy_source = False
html_show_sourcelink = False
# excerpts under search results are fetched, which browsers refuse to pages that are plain files
html_show_search_summary = False

myst_enable_extensions = ["colon_fence", "deflist", "attrs_inline", "dollarmath"]
# headings can be linked to, as on the pages of a code host
myst_heading_anchors = 4

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "examples",
    "within_subsection_order": "FileNameSortKey",
    # every script is run, whatever its name
    "filename_pattern": r"/\d_",
    "plot_gallery": docs_site_runs,
    "abort_on_example_error": True,
    "image_scrapers": ("docs_site.pictures.scrape_pictures",),
    # results and plots are shown as pictures
    "capture_repr": (),
    "download_all_examples": False,
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 1,
    "reset_modules": (),
}
