"""`python -m tieline`: the command line, where the script `tieline` is not on the path."""

from __future__ import annotations

import sys

from tieline.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
