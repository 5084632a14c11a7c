"""What the engine's process sends arrives as it was."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tieline.errors import InputError
from tieline.feeders.feeder import Feeder
from tieline.feeders.findings import FeederError, Finding
from tieline.feeders.library import library_names, load_bundled
from tieline.feeders.opendss.process.transfer import (
    decode,
    encode_defect,
    encode_error,
    encode_feeder,
)


@pytest.mark.parametrize("name", library_names())
def test_feeders_arrive_as_they_were(name: str):
    feeder = load_bundled(name)
    received = decode(encode_feeder(feeder))
    assert received == feeder
    assert hash(received) == hash(feeder)


def test_lines_share_their_code_as_before():
    feeder = load_bundled("ieee13")
    received = decode(encode_feeder(feeder))
    assert len({id(line.code) for line in received.lines}) == len(
        {id(line.code) for line in feeder.lines}
    )


def test_numbers_of_numpy_and_notes_arrive():
    note = Finding("OPENDSS.X", "warning", "load ä", "message\nof two lines", "remedy")
    load = dataclasses.replace(
        load_bundled("ieee13").loads[0],
        p_kw=np.float64(1.5),
        nodes=(np.int64(1), np.int32(0)),
    )
    feeder = Feeder("f", (), (), loads=(load,), notes=(note,))
    received = decode(encode_feeder(feeder))
    assert received == feeder
    assert type(received.loads[0].nodes[0]) is int


def test_errors_arrive_as_they_were():
    finding = Finding("A.B", "error", "load x", "message", "remedy")
    errors = (
        InputError("one message"),
        FeederError("f", [finding]),
    )
    for error in errors:
        with pytest.raises(type(error)) as caught:
            decode(encode_error(error))
        if isinstance(error, FeederError):
            assert caught.value.findings == error.findings  # type: ignore[attr-defined]
    with pytest.raises(RuntimeError, match="line 7"):
        decode(encode_defect("Traceback: line 7"))


@pytest.mark.parametrize("name", ["Path", "object", "__class__"])
def test_no_class_but_those_of_a_feeder_is_built(name: str):
    feeder = json.loads(encode_feeder(Feeder("f", (), ())))
    feeder["feeder"]["title"] = {name: 0}
    feeder["tables"] = {name: [["x"]]}
    with pytest.raises(KeyError):
        decode(json.dumps(feeder).encode())
    assert not Path("x").exists()
