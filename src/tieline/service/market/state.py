"""`MarketState`: what one interval hands to the next, as bytes that come back exactly.

The same book and measurements with the same state come out the same, so a clearing can be worked out anew from what is stored,
and a crash forgets nothing: taps, set-points and voltages to begin with, merges, and the exact balance of every account.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tieline.network.merging import MergeState
from tieline.opf.balancing.start import WarmStart
from tieline.studies.market.ways.carried import Carried

Account = tuple[str, str]
"""Who, and for what."""


@dataclass(frozen=True, eq=False)
class MarketState:
    """Where the next interval begins.

    Attributes:
        carried: of the study's minute.
        balances: exact amount of each account since the market began [cents].
    """

    carried: Carried
    balances: Mapping[Account, float]

    def to_bytes(self) -> bytes:
        """As a compressed archive of arrays; the same state has the same bytes."""
        carried = self.carried
        merging = carried.merging
        arrays: dict[str, Any] = {
            "v_pu": carried.v_pu,
            "taps": carried.taps,
            "recent_kw": merging.recent_kw,
            "is_centroid": merging.is_centroid,
            "changed_at": merging.changed_at,
        }
        for name, position in carried.positions.items():
            arrays[f"position_{name}"] = position
        if carried.warm is not None:
            arrays["warm_p_kw"] = carried.warm.p_kw
            arrays["warm_q_kvar"] = carried.warm.q_kvar
            arrays["warm_v_pu"] = carried.warm.v_pu
        texts = {
            "minute": merging.minute,
            "joined": [sorted(borders) for borders in merging.joined],
            "balances": [[*account, cents] for account, cents in self.balances.items()],
        }
        arrays["texts"] = np.frombuffer(json.dumps(texts).encode(), dtype=np.uint8)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()

    @classmethod
    def of_bytes(cls, stored: bytes) -> MarketState:
        """What `to_bytes` gave."""
        # arrays of numbers only: nothing in them is run
        with np.load(io.BytesIO(stored), allow_pickle=False) as archive:
            arrays = dict(archive)
        texts = json.loads(arrays["texts"].tobytes())
        merging = MergeState(
            minute=texts["minute"],
            recent_kw=arrays["recent_kw"],
            is_centroid=arrays["is_centroid"],
            joined=tuple(frozenset(borders) for borders in texts["joined"]),
            changed_at=arrays["changed_at"],
        )
        positions: Any = {
            name.removeprefix("position_"): position
            for name, position in arrays.items()
            if name.startswith("position_")
        }
        warm = None
        if "warm_p_kw" in arrays:
            warm = WarmStart(
                arrays["warm_p_kw"], arrays["warm_q_kvar"], arrays["warm_v_pu"]
            )
        carried = Carried(arrays["v_pu"], arrays["taps"], positions, merging, warm)
        balances = {(who, what): cents for who, what, cents in texts["balances"]}
        return cls(carried, balances)
