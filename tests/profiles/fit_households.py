"""Prints the table of `tieline.profiles.appliances`: what switches on in measured days, how often, how much, how long.

    python tests/profiles/fit_households.py FOLDER

FOLDER holds one text file per household with 1440 values in kW, one per minute (the folder `Daily_1min_100profiles` of the IEEE
European low-voltage test feeder). Each step down is paired with the latest step up of the same size; where none fits, with the
latest smaller ones, then with a part of the largest. The pairs are sorted into bands of power. Nothing is tuned: the table holds
the counts and moments of these pairs.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tieline.typing import FloatArray

BANDS_KW = (0.0, 0.03, 0.08, 0.2, 0.6, 1.5, 2.6, 4.0, np.inf)
SAME_SIZE = 0.02
SAME_SIZE_KW = 0.003
"""Two steps are one appliance if they differ by less than this share or this power (files are rounded to 1 W)."""


class Event(NamedTuple):
    """One appliance that ran: from minute `start` for `minutes` at `kw`."""

    start: int
    minutes: int
    kw: float


def read_days(folder: Path) -> FloatArray:
    """Measured days, (household, 1440) [kW]."""
    return np.stack([np.loadtxt(path) for path in sorted(folder.glob("*.txt"))])


def events_of(day_kw: FloatArray) -> list[Event]:
    """Appliance runs that add up to one household's day above its lowest value."""
    running: list[tuple[int, float]] = []
    found: list[Event] = []
    for minute, step in enumerate(np.diff(day_kw, prepend=day_kw.min())):
        if step > 0:
            running.append((minute, float(step)))
        elif step < 0:
            found += _switched_off(running, minute, -float(step))
    return found + [Event(start, len(day_kw) - start, kw) for start, kw in running]


def _switched_off(
    running: list[tuple[int, float]], minute: int, kw: float
) -> list[Event]:
    found = []
    while kw > SAME_SIZE_KW and running:
        same = [
            k
            for k, (_, up) in enumerate(running)
            if abs(up - kw) <= max(SAME_SIZE_KW, SAME_SIZE * kw)
        ]
        smaller = [k for k, (_, up) in enumerate(running) if up < kw]
        largest = max(range(len(running)), key=lambda k: running[k][1])
        start, up = running.pop(
            same[-1] if same else smaller[-1] if smaller else largest
        )
        if up > kw + SAME_SIZE_KW and not same:
            running.append((start, up - kw))
        found.append(Event(start, minute - start, up if same else min(up, kw)))
        kw = 0.0 if same else kw - up
    return found


def main(folder: Path) -> None:
    """Print a row per band."""
    days = read_days(folder)
    owner, events = zip(
        *((house, event) for house, day in enumerate(days) for event in events_of(day)),
        strict=True,
    )
    house, (start, minutes, kw) = np.array(owner), np.array(events).T
    idle = days.min(axis=1)
    print(f"idle: {idle.mean():.3f} kW, cv {idle.std() / idle.mean():.2f}")
    for low, high in itertools.pairwise(BANDS_KW):
        pick = (kw >= low) & (kw < high)
        owners = len(set(house[pick]))
        when = np.bincount((start[pick] // 180).astype(int), minlength=8) / pick.sum()
        print(
            f"{low:4.2f}-{high:4.2f} kW: {kw[pick].mean():.3f} kW cv {kw[pick].std() / kw[pick].mean():.2f}, "
            f"{minutes[pick].mean():.1f} min cv {minutes[pick].std() / minutes[pick].mean():.2f}, "
            f"{pick.sum() / max(owners, 1):.2f} per day in {owners / len(days):.2f} of homes, "
            f"by three hours {np.round(when, 2)}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
