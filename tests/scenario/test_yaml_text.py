"""YAML by version 1.2's core schema, with lines; what never ends or is misread is refused."""

from __future__ import annotations

import math

import pytest

from simcons.scenario.yaml_text import MAX_DEPTH, YamlProblem, read_text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(
            ("12:30", "12:30"),
            ("0123", 123),
            ("1_000", "1_000"),
            ("yes", "yes"),
            ("no", "no"),
            ("on", "on"),
            ("off", "off"),
        ),
        *(
            (".5", 0.5),
            ("1e3", 1000.0),
            ("-1.", -1.0),
            (".inf", math.inf),
            ("-.INF", -math.inf),
            ("NaN", "NaN"),
            ("inf", "inf"),
        ),
        *(
            ("0x1F", 31),
            ("0o17", 15),
            ("+7", 7),
            ("~", None),
            ("null", None),
            ("", None),
            ("true", True),
            ("FALSE", False),
        ),
        *(("2020-01-01", "2020-01-01"), ("'12'", "12"), ('"true"', "true"), ("!!str 12", "12"), ("tRue", "tRue")),
    ],
)
def test_scalars_are_read_by_the_core_schema(written, read):
    found = read_text(f"key: {written}").value["key"]
    assert (found, type(found)) == (read, type(read))


def test_not_a_number_is_one():
    assert math.isnan(read_text("key: .nan").value["key"])


def test_every_part_has_its_line():
    document = read_text("a: 1\nb:\n  - c: 2\n    d: 3\n  - 4\n")
    assert document.value == {"a": 1, "b": [{"c": 2, "d": 3}, 4]}
    assert document.lines == {
        **{(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 0, "c"): 3, ("b", 0, "d"): 4, ("b", 1): 5},
    }


def test_merged_mappings_and_aliases():
    document = read_text("x: &x {a: 1, b: [2]}\ny: {<<: *x, a: 3}\nz: *x\n").value
    assert document["y"] == {"a": 3, "b": [2]}
    document["z"]["b"].append(4)
    assert document["x"]["b"] == [2], "a change to one place is none to another"


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n", "line 5: key 'c' is given twice, first on line 3"),
        ("[" * 100_000, f"at most {MAX_DEPTH} levels"),
        ("a: " + "{a: " * 100_000, f"at most {MAX_DEPTH} levels"),
        ("- " * 100_000, f"at most {MAX_DEPTH} levels"),
        ("\n".join(" " * i + "a:" for i in range(200)), "line 65: nested too deeply"),
        (BOMB, "aliases included: expected fewer"),
        ("a: &a [*a]", r"\*a is not the name of anything before it"),
        ("a: !!python/object:os.system 1", "expected plain YAML, without tags"),
        ("? [1]\n: 2", "a key that is a list or mapping"),
        ("a: 1\n---\nb: 2", "line 2: a second document begins"),
        ("a: 1\nb: \x00", "line .: .*: expected YAML"),
        ('a: 1\nb: "x\\0y"', r"line 2: b: value .* holds the character U\+0000"),
        ("a: 1\nb: \ud800", r"line 2: holds the character U\+D800"),
        ('a: "\\ud800"', "line 1: .*: expected YAML"),
        ("1" * 5000, "a number of 5,000 digits"),
        ("a: [", "expected YAML"),
    ],
    ids=range(16),
)
def test_what_cannot_be_read_is_said_in_a_line(text, said):
    with pytest.raises(YamlProblem, match=said) as caught:
        read_text(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200
