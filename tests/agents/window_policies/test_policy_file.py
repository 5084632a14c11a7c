"""Sealed files of policies: what goes in comes out, what does not fit is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tieline.agents.window_policies.inputs import Eyes
from tieline.agents.window_policies.policies import WindowPolicies
from tieline.agents.window_policies.policy_file import (
    load_window_policies,
    save_window_policies,
)
from tieline.envs.microgrids.windows import Windows
from tieline.errors import InputError

Constant = Callable[[float], WindowPolicies]


def test_what_goes_in_comes_out(
    eyes: Eyes, peak: Windows, constant: Constant, tmp_path: Path
) -> None:
    policies = constant(0.25)
    file = save_window_policies(policies, tmp_path / "policy-seed3.safetensors")

    loaded = load_window_policies(file)

    assert loaded.key == policies.key
    assert loaded.provenance == {"seed": 3}
    # a quarter is exact in single precision
    np.testing.assert_array_equal(
        loaded.wish(eyes, peak).der_kw, policies.wish(eyes, peak).der_kw
    )


def test_a_changed_file_is_refused(constant: Constant, tmp_path: Path) -> None:
    file = save_window_policies(constant(0.25), tmp_path / "policy")
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))
    with pytest.raises(InputError, match="SHA-256"):
        load_window_policies(file)
