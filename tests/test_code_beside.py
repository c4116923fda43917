"""Code of a user's own with modules beside it: known by all of it, and never mixed with that of another folder."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from simcons.code_beside import files_beside
from simcons.errors import InputError
from simcons.named_code import hash_of, load_named


@pytest.fixture
def code(tmp_path, monkeypatch):
    """Writes versions of a pipeline that takes its words from a module beside it, each under names of its own."""
    monkeypatch.syspath_prepend(tmp_path)  # the path is as it was afterwards

    def write(folder, words, *, beside):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{beside}.py").write_text(f"from {beside}_words import SAID\n")
        (tmp_path / folder / f"{beside}_words.py").write_text(f"SAID = {words!r}\n")
        (tmp_path / folder / "mine.py").write_text(f"def ours():\n    from {beside} import SAID\n    return SAID\n")
        return f"{tmp_path / folder / 'mine.py'}:ours"

    return write


def test_what_is_imported_from_beside_is_found_through_other_modules(code, tmp_path):
    code("v1", "old", beside="deep")
    assert sorted(files_beside(tmp_path / "v1" / "mine.py")) == ["deep", "deep_words"]


def test_a_second_version_of_a_module_is_refused_in_one_line(code, tmp_path):
    base, change = code("v1", "old", beside="twice"), code("v2", "new", beside="twice")
    load_named(base)
    refused = rf"'twice_words' is another beside {re.escape(str(tmp_path))}/v2/mine\.py than in {re.escape(str(tmp_path))}/v1,"
    with pytest.raises(InputError, match=refused):
        load_named(change)


def test_a_module_that_is_the_same_or_has_another_name_is_no_second_version(code):
    for reference, said in {
        code("v1", "old", beside="same"): "old",
        code("v2", "old", beside="same"): "old",
        code("v3", "new", beside="renamed"): "new",
    }.items():
        assert load_named(reference)() == said


def test_a_module_of_the_working_folder_is_one_of_the_two(code, tmp_path, monkeypatch):
    code("v1", "old", beside="worked")
    (tmp_path / "v1" / "mine.py").rename(tmp_path / "v1" / "worked_from.py")
    monkeypatch.chdir(tmp_path / "v1")
    assert load_named("worked_from:ours")() == "old"
    with pytest.raises(InputError, match="the module 'worked"):
        load_named(code("v2", "new", beside="worked"))


def test_code_has_changed_where_what_it_imports_from_beside_has(code):
    reference = code("v1", "old", beside="hashed")
    before = hash_of(reference, load_named(reference))
    assert hash_of(reference, load_named(reference)) == before
    code("v1", "new", beside="hashed")
    assert hash_of(reference, load_named(reference)) != before


def test_code_in_a_package_has_changed_where_the_package_or_what_it_imports_from_beside_it_has(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    files = {
        "parcel/__init__.py": "from .mine import ours\n",
        "parcel/mine.py": "from .words import SAID\n\ndef ours():\n    return SAID\n",
        "parcel/words.py": "from parcel_beside import SAID\n",
        "parcel_beside.py": "SAID = 'old'\n",
        "parcel_unused.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)

    def hashes():
        return [hash_of(reference, load_named(reference)) for reference in ("parcel.mine:ours", "parcel:ours")]

    seen = [hashes()]
    for name in ("parcel_unused.py", "parcel/words.py", "parcel_beside.py"):
        (tmp_path / name).write_text(f"{files[name]}# another line\n")
        seen.append(hashes())
    assert [before != after for before, after in pairwise(seen)] == [False, True, True]


def test_what_is_installed_is_known_by_its_file(monkeypatch):
    """Its versions are in the manifest of a run."""
    monkeypatch.setattr("simcons.named_code.code_hash", None)  # not asked
    assert hash_of("json.decoder:JSONDecoder", load_named("json.decoder:JSONDecoder")) is not None
