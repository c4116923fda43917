"""What differs between two documents, key by key."""

from __future__ import annotations

from simcons.runs.edits import changed


def test_what_differs_is_told_by_key_and_value():
    was = {"a": 1, "b": {"c": [1, 2]}, "d": {}, "e": {"kind": "x", "only": None}, "f": "same"}
    now = {"a": 2, "b": {"c": [1]}, "d": {"g": {"h": 0.5}}, "e": {"kind": "y"}, "f": "same"}
    assert changed(was, now) == {
        "a": ("1", "2"),
        "b.c.1": ("2", "not there"),
        "e.kind": ('"x"', '"y"'),
        "d.g.h": ("not there", "0.5"),
    }
    assert changed(now, was)["d.g.h"] == ("0.5", "not there")
    assert changed({"a": 1, "d": {"g": 1}}, {"a": 1}) == {"d.g": ("1", "not there")}
