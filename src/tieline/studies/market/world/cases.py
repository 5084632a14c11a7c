"""The published cases: for each the values that its flags take. Whatever a user gives goes before them.

Sources: [A] Distributed optimal power flow on the IEEE 123-bus feeder with dynamic microgrids; [T5], [T6] chapters 5 and 6 of
M. Al-Saffar's PhD thesis, University of Alberta. Bus numbers of [A] up to 114 are those of the feeder's OpenDSS file plus one;
names here are those of the file. "Ours" marks what the sources leave open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

CaseName = Literal["ieee33", "ieee69", "ieee123"]

IEEE33: Mapping[str, Any] = {
    # T5: the search for DERs with a stability margin, one buyer, three sellers
    "feeder": "ieee33",
    "load_pct": 50.0,
    "microgrids": 1,
    # three DERs sell what departs from the schedule, which the source supplies: they cannot give the load
    "adequate": False,
    "ders": "25:600@0.05, 6:600@0.06, 22:600@0.07",
    "solar": "22",
    "offer_swing": 0.02,
    "extra_loads": "2:900",
    "limit": "24-25:300",
    "choice": "margin-search",
    # the base case of this feeder reaches 0.913 pu: 0.95 would have no answer
    "lowest_pu": 0.90,
    "highest_pu": 1.05,
}

IEEE69: Mapping[str, Any] = {
    # T6: two microgrids that share a DER. It names nine DERs and not where; of nine at these buses (ours) the best three are
    # its 54, 56 and 66
    "feeder": "ieee69",
    "root": "15, 67",
    # 0.0385 to 0.0489 give the same region around bus 15; bus 66 is next to bus 67 and no other is (ours)
    "reach_pu": "0.040, 0.001",
    "barriers": "4, 5",
    "ders": "6:30@0.07, 7:30@0.07, 8:30@0.07, 9:30@0.07, 10:30@0.07, 53:30@0.07, 54:30@0.062, 56:30@0.06, 66:30@0.064, "
    "67:30@0.07",
    "offer_swing": 0.0,
    "extra_loads": "15:45, 67:10",
    # the published three are the cheapest by offer and loss; sets are judged by filling in that order, which cannot see that
    # the program will hold back the second of them where the line binds
    "choice": "cheapest",
    # its 780 kW, told from the base flow: on AC that alone passes the 740 kW of its other run
    "limit": "10-11:base+40.2",
    "lowest_pu": 0.90,
    "highest_pu": 1.05,
}

IEEE123: Mapping[str, Any] = {
    # A: six microgrids, a DER at every bus, congestion on the line into the region of buses 35 to 51
    "feeder": "ieee123",
    "microgrids": 6,
    "der_kw": 100.0,
    "extra_loads": "8:150, 22:150, 42:150, 57:150, 75:150, 107:150, 18:120, 67:120",
    # A does not say at which load a centroid merges: ours, three quarters of the peak
    "watch": "18:90, 67:90",
    "limit": "135-35:base-15",
    "lowest_pu": 0.95,
    # ANSI range B above: bus 83 stands at 1.04996 before any trade
    "highest_pu": 1.058,
}

CASES: Mapping[Any, Mapping[str, Any]] = {
    "ieee33": IEEE33,
    "ieee69": IEEE69,
    "ieee123": IEEE123,
}

FIRST: CaseName = "ieee123"
"""What a run without case and feeder asks: the case in which microgrids merge and split."""

PARTITION_FIELDS = ("microgrids", "phi_pu", "root", "reach_pu", "barriers")
"""Fields that say together how the feeder is divided."""

IN_PLACE_OF: Mapping[str, tuple[str, ...]] = {
    # reach and barriers change how far the regions of a case go around its roots
    "microgrids": PARTITION_FIELDS,
    "phi_pu": PARTITION_FIELDS,
    # regions around roots have no border that a load could open
    "root": (*PARTITION_FIELDS, "watch"),
    "limits": ("lowest_pu", "highest_pu"),
    "ders": ("der_kw", "solar"),
    "der_kw": ("ders",),
    "der_count": ("ders",),
    "policy": ("choice",),
    "train": ("choice",),
    "extra_table": ("extra_loads",),
}
"""Fields of a case that are left out where another one is given, which answers the same question."""


def with_case(values: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Values of a configuration, those of its case filled in where nothing is given.

    Args:
        values: what is given.
        fields: what the configuration has; a training asks fewer questions than a run.

    Raises:
        ValueError: if a case and another feeder than the case's are asked for.
    """
    name = values.get("case")
    if name is None and values.get("feeder") is None:
        name = FIRST
    if name not in CASES:
        return dict(values)
    of_case = {field: value for field, value in CASES[name].items() if field in fields}
    feeder = values.get("feeder")
    if feeder not in (None, of_case["feeder"]):
        raise ValueError(
            f"case '{name}' is one of feeder '{of_case['feeder']}', and feeder '{feeder}' is asked for. Leave out one of them"
        )
    stated = {field: value for field, value in values.items() if value is not None}
    for field, value in stated.items():
        # what is refused, as a training, answers nothing
        if value is False:
            continue
        for answered in IN_PLACE_OF.get(field, ()):
            of_case.pop(answered, None)
    return {**of_case, **stated, "case": name}
