"""Abbreviations stand for what the engine takes them for."""

from __future__ import annotations

from tieline.feeders.opendss.script.compile import blank_engine, engine_vocabulary
from tieline.feeders.opendss.script.vocabulary import WordList


def test_whole_name_before_a_longer_one_and_the_first_of_several():
    words = WordList(["Select", "Save", "M", "More", "Sav"])
    found = [
        words.name(words.index(word))
        for word in ("s", "SA", "sav", "save", "m", "mo", "x", "")
    ]
    assert found == ["select", "save", "sav", "save", "m", "more", "", ""]


def test_every_abbreviation_of_every_option_is_the_engines():
    """`get` names an option by the same list as `set`; the engine's answer to a beginning is its answer to the whole word."""
    engine = blank_engine()
    engine.Text.Command("set loadmult=0.25")
    words = engine_vocabulary().options
    taken = [
        word
        for word in ("l", "lo", "loadm", "loadmu", "loadmul")
        if words.name(words.index(word)) == "loadmult"
    ]
    for word in taken:
        engine.Text.Command(f"get {word}")
        assert float(engine.Text.Result()) == 0.25
    assert taken == ["loadmu", "loadmul"]


def test_abbreviated_and_bare_properties_are_the_engines():
    engine = blank_engine()
    engine.Text.Command("new generator.g phase=1 sourcebus.1 7.2")
    engine.Text.Command("edit generator.g 1 sourcebus.1 7.2 33 v=0.99 0.01")
    words = engine_vocabulary().properties("generator")
    assert [words.name(k) for k in range(4)] == ["phases", "bus1", "kv", "kw"]
    assert words.name(words.index("v")) == "vminpu"
    engine.Generators.Name("g")
    assert engine.Generators.kW() == 33.0
    engine.Text.Command("? generator.g.vmaxpu")
    # a bare value after a named one fills the next property
    assert float(engine.Text.Result()) == 0.01


def test_every_class_has_properties():
    vocabulary = engine_vocabulary()
    assert len(vocabulary.classes) > 40
    assert all(
        "like" in vocabulary.properties(kind).names for kind in vocabulary.classes
    )
