"""A net file is data: whatever it names that no net needs is refused before anything is imported or made."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

pandapower = pytest.importorskip("pandapower", reason="pandapower is not installed")

from pandapower_nets import base_net  # noqa: E402
from tieline.errors import InputError  # noqa: E402
from tieline.feeders.pandapower import read_pandapower  # noqa: E402
from tieline.feeders.pandapower.json_file import read_json  # noqa: E402


def an_object(module: Any, name: Any, content: Any = "d") -> dict[str, Any]:
    """An object as pandapower writes it."""
    return {"_module": module, "_class": name, "_object": content}


def a_net(**parts: Any) -> dict[str, Any]:
    """A net with these parts."""
    return an_object("pandapower.auxiliary", "pandapowerNet", parts)


def a_table(cell: Any) -> dict[str, Any]:
    """A table of one cell."""
    content = json.dumps({"columns": ["x"], "index": [0], "data": [[cell]]})
    return {
        **an_object("pandas.core.frame", "DataFrame", content),
        "orient": "split",
        "dtype": {"x": "object"},
    }


TRAP = an_object("this", "function")
NAMED = {
    "function": TRAP,
    "shell": an_object("os", "system", "id"),
    "shell of subprocess": an_object("subprocess", "getoutput", "id"),
    "builtin": an_object("builtins", "exec", "x = 1"),
    "import": an_object("builtins", "__import__", "this"),
    "function of pandapower": an_object("pandapower.file_io", "from_pickle", "x.p"),
    "module of pandapower": an_object(
        "pandapower.plotting.plotly.traces", "function", "x"
    ),
    "function of pandas": an_object("pandas", "read_pickle", "x.p"),
    "class of numpy": an_object("numpy", "memmap", "x"),
    "function of numpy": an_object("numpy", "load", "x.npy"),
    "look-alike": an_object("pandas_evil.core", "DataFrame"),
    "not installed": an_object("nonexist", "x"),
    "numbers": an_object(1, 2),
    "no module": an_object("", "x"),
    "no class": {"_module": "this"},
    "in a part": a_net(extra=TRAP),
    "in a list": a_net(extra=[1, [TRAP]]),
    "in a table": a_net(bus=a_table(TRAP)),
    "in a text of a table": a_net(bus=a_table(json.dumps(TRAP))),
    "in a text in a text": a_net(bus=a_table(json.dumps(json.dumps(TRAP)))),
    "controller of somebody else": a_net(
        controller=a_table(an_object("my_controllers", "Best"))
    ),
}


@pytest.mark.parametrize("content", NAMED.values(), ids=list(NAMED))
def test_what_no_net_needs_is_refused(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(content))
    before = set(sys.modules)
    with pytest.raises(InputError, match="which no net needs; nothing of it was run"):
        read_pandapower(path)
    assert not {
        name
        for name in set(sys.modules) - before
        if name.startswith(("this", "my_", "pandapower.plotting.plotly"))
    }


def test_a_name_spelt_with_escapes_is_found(tmp_path: Path) -> None:
    text = json.dumps(a_net(bus=a_table(json.dumps(TRAP)))).replace(
        "_module", r"\u005fmodule"
    )
    (tmp_path / "net.json").write_text(text)
    with pytest.raises(InputError, match=r"this\.function"):
        read_pandapower(tmp_path / "net.json")


def a_text_table(content: str) -> dict[str, Any]:
    """A table with a content that is written as it stands."""
    return {**an_object("pandas.core.frame", "DataFrame", content), "orient": "split"}


TRAPPED_TABLE = json.dumps({"columns": ["x"], "index": [0], "data": [[TRAP]]})
HIDDEN = {
    "of two entries the first": json.dumps(a_net(extra=1)).replace(
        '"extra": 1', f'"extra": {json.dumps(TRAP)}, "extra": 1'
    ),
    "of two entries in a text": json.dumps(
        a_net(bus=a_text_table(f'{{"columns": {json.dumps(TRAP)}, "columns": ["x"]}}'))
    ),
    "behind a line end that only pandas takes": json.dumps(
        a_net(bus=a_text_table(TRAPPED_TABLE.replace('"x"', '"x\n"')))
    ),
    "in a file that a table names": json.dumps(
        a_net(bus=a_text_table("FOLDER/further.json"))
    ),
    "in a file that a text in a table names": json.dumps(
        a_net(bus=a_text_table(an_object("numpy", "str_", "FOLDER/further.json")))  # type: ignore[arg-type]
    ),
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=list(HIDDEN))
def test_nothing_hides_from_the_look(tmp_path: Path, text: str) -> None:
    """What the decoder makes and the parser of the look does not see: each imported a module before it was refused."""
    (tmp_path / "further.json").write_text(TRAPPED_TABLE)
    (tmp_path / "net.json").write_text(text.replace("FOLDER", str(tmp_path)))
    sys.modules.pop("this", None)
    with pytest.raises(InputError, match=r"net\.json"):
        read_pandapower(tmp_path / "net.json")
    assert "this" not in sys.modules


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("numpy.f2py.__main__", "array"),
        ("pandas.conftest", "DataFrame"),
        ("networkx.conftest", "Graph"),
        ("numpy", "void"),
    ],
)
def test_no_module_of_a_trusted_package_is_imported(
    tmp_path: Path, module: str, name: str
) -> None:
    path = tmp_path / "net.json"
    path.write_text(json.dumps(a_net(extra=an_object(module, name, [1]))))
    with pytest.raises(InputError, match="which no net needs"):
        read_pandapower(path)
    assert module == "numpy" or module not in sys.modules


MISSING = [
    ("bus", "in_service"),
    ("bus", "vn_kv"),
    ("line", "to_bus"),
    ("trafo", "hv_bus"),
    ("trafo", "vk_percent"),
]


@pytest.mark.parametrize(("table", "column"), MISSING)
def test_a_column_that_is_missing_is_one_message(table: str, column: str) -> None:
    net = base_net()
    del net[table][column]
    with pytest.raises(InputError, match=f"a column is missing.*'{column}'"):
        read_pandapower(net)


@pytest.mark.parametrize(
    ("table", "column", "value"), [("bus", "vn_kv", "abc"), ("trafo", "tap_pos", "x")]
)
def test_a_cell_that_is_no_number_is_one_message(
    table: str, column: str, value: Any
) -> None:
    net = base_net()
    net[table][column] = [value] * len(net[table])
    with pytest.raises(InputError):
        read_pandapower(net)


BROKEN = {
    "empty": "",
    "no JSON": "{",
    "deep": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "deep list": "[" * 100_000 + "]" * 100_000,
    "long number": "1" + "0" * 5000,
    "infinite": "1e999",
    "list": "[1, 2]",
    "null": "null",
    "class without content": '{"_module": "pandapower.auxiliary", "_class": "pandapowerNet", "_object": 5}',
    "a bus that is a text": json.dumps(a_net(bus="x")),
    "a table that is none": json.dumps(
        a_net(bus=an_object("pandas.core.frame", "DataFrame", "no table"))
    ),
    "a number of numpy from a text": json.dumps(
        a_net(bus=an_object("numpy", "float64", "x"))
    ),
}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("text", BROKEN.values(), ids=list(BROKEN))
def test_a_file_that_holds_no_net_ends_in_one_message(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "net.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"net\.json") as raised:
        read_pandapower(path)
    assert len(str(raised.value)) < 500


def test_what_nets_hold_is_read(tmp_path: Path) -> None:
    """Tables, controllers, graphs, arrays, tuples, places on a map: nothing of it is refused."""
    net = base_net()
    net.bus["geo"] = [
        json.dumps({"type": "Point", "coordinates": [10.5, 48.25]}),
        None,
        None,
    ]
    pandapower.control.ConstControl(net, "load", "p_mw", 0)
    net.graph, net.pair, net.array = nx.MultiGraph([(1, 2)]), (1, 2), np.arange(3.0)
    path = tmp_path / "net.json"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pandapower.to_json(net, str(path))
    again = read_json(pandapower, path)
    assert (len(again.controller), again.pair, again.array.tolist()) == (
        1,
        (1, 2),
        [0.0, 1.0, 2.0],
    )
    assert read_pandapower(path).buses[0].x == 10.5


def test_files_of_other_hands(shared_dir: Path) -> None:
    """Each ends in one message, whatever it is."""
    for path in sorted((shared_dir / "bad-input").glob("[is][ne]*/*.json")):
        with pytest.raises(InputError):
            read_pandapower(path)
