"""``simcons believe`` on people in tables, and what it does not take."""

from __future__ import annotations

import json

import pytest
from people_in_tables import mapping_file, write_people

from simcons.cli.app import app
from simcons.cli.ending import end
from simcons.storage.imported.write import import_study


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    folder = write_people(tmp_path_factory.mktemp("street") / "tables")
    import_study(folder, mapping_file(folder), folder / "run")
    return folder / "run"


def told(capsys, *arguments):
    app(["believe", *map(str, arguments)], standalone_mode=False)
    return capsys.readouterr().out


def refused(capsys, *arguments):
    with pytest.raises(Exception) as caught:  # noqa: PT011  whatever is raised
        app(["believe", *map(str, arguments)], standalone_mode=False)
    return end(caught.value), capsys.readouterr().err


@pytest.mark.model
def test_a_mind_is_tried_on_people_and_on_questions(street, capsys):
    belief = json.loads(told(capsys, street, "--mind", "latent", "--format", "json"))
    tried = [(one["correlation"]["name"], one["correlation"]["held_out"]) for one in belief["minds"]]
    assert tried == [("latent", "raters"), ("latent, with topic means", "raters"), ("latent", "questions")]
    assert [sorted(effect["by"]) for effect in belief["effects"]] == [["latent", "people"]] * 4


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("--mind", "psychic"), "--mind 'psychic': expected latent"),
        (("--mind", "latent", "--mind", "latent"), "--mind 'latent': is given twice; expected each once"),
        (
            ("--mind", "latent", "--scale", "clear"),
            "--scale 'clear': minds do not judge on it; expected one of agreement,",
        ),
        (("--scale", "represented"), "has no ratings of represented; expected some (--scale)"),
    ],
)
def test_bad_input_is_one_line(street, capsys, given, line):
    code, error = refused(capsys, street, *given)
    assert code == 2
    assert line in error
    assert error.count("\n") == 1
