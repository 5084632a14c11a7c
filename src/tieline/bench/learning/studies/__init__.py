"""The decisions that have a study of their own, in the terms that the page of learning puts beside its contests.

`gap_score` says what is told of each, and each study has a file that measures it with the benchmark that is there for it.
"""

from __future__ import annotations

from collections.abc import Mapping

from tieline.bench.learning.studies.gap_score import Study
from tieline.bench.learning.studies.market import MARKET
from tieline.bench.learning.studies.microgrids import MICROGRIDS
from tieline.bench.learning.studies.reserve import RESERVE
from tieline.bench.learning.studies.restoration import RESTORATION

STUDIES: Mapping[str, Study] = {
    study.name: study for study in (RESERVE, MARKET, MICROGRIDS, RESTORATION)
}
"""Name of the study -> how it is measured."""
