"""The tests of the pages would notice if a page were wrong."""

import pytest
from pages import REPOSITORY, Block, commands_of
from running import Page, matches


def block(language, *lines, **marks):
    return Block(REPOSITORY / "docs" / "tutorial.md", 1, language, list(lines), marks)


@pytest.fixture
def page(tmp_path, monkeypatch):
    """Its mismatches are in ``page.names["printed"]``."""
    monkeypatch.chdir(tmp_path)
    page = Page(tmp_path, lambda block, command, printed: page.names.update(printed=printed))
    return page


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["", "a  ", "b", ""], True),
        (["a", "b"], ["a", "c"], False),
        (["a"], ["a", "b"], False),
        (["a", "..."], ["a", "b", "c"], True),
        (["...", "c"], ["a", "b", "c"], True),
        (["...", "b"], ["a", "b", "c"], False),
        (["a", "...", "c"], ["a", "c"], True),
        (["a ..."], ["a b"], False),
    ],
)
def test_output_matches_line_by_line_but_for_what_is_left_out(expected, printed, same):
    assert matches(expected, printed) is same


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        (["12 of 18 rounds", "────"], ["3 of 9", "rounds", "──"], True),
        (["5.97 [-0.15, 6.17]"], ["-6.01  [5.50, 6.33]"], True),
        (["12 of 18 rounds"], ["12 of 18 sessions"], False),
        (["...", "arm  1", "..."], ["rounds 3", "arm 12", "more"], True),
        (["...", "arm  1", "..."], ["rounds 3", "more"], False),
    ],
)
def test_where_numbers_vary_the_words_still_count(expected, printed, same):
    assert matches(expected, printed, numbers_vary=True) is same


def test_commands_of_a_block_with_their_output():
    commands = commands_of(
        block("console", "$ simcons new a \\", "    --bank x   # why", "Wrote it", "$ simcons check a")
    )
    assert [(command.text, command.output) for command in commands] == [
        ("simcons new a --bank x", ["Wrote it"]),
        ("simcons check a", []),
    ]


def test_a_block_that_is_neither_run_nor_marked_fails(page):
    with pytest.raises(AssertionError, match="neither run nor marked"):
        page.run(block("text", "what is this?"))
    page.run(block("text", "a diagram", **{"not run": "a diagram"}))


def test_a_command_that_fails_must_show_its_error(page):
    with pytest.raises(AssertionError, match="no such file"):
        page.run(block("console", "$ simcons check nowhere.yaml"))
    page.run(block("console", "$ simcons check nowhere.yaml", "..."))
    assert "printed" not in page.names


def test_output_that_is_not_as_shown_is_noticed(page):
    page.run(block("console", "$ simcons new a", "Wrote b.yaml"))
    assert page.names["printed"] == ["Wrote a.yaml. Check it with:  simcons check a.yaml"]


def test_python_shares_names_and_its_results_are_compared(page):
    page.run(block("python", "x = 1"))
    page.run(block("python", ">>> x + 1", "2"))
    with pytest.raises(AssertionError, match="Expected"):
        page.run(block("python", ">>> x + 1", "3"))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("design: {rouns: 3}",), "rouns"),
        (("schema_version: 1", "name: a"), "mediators"),
        (("topic: a", "questions: []"), "title"),
    ],
)
def test_input_files_that_are_wrong_are_noticed(page, lines, message):
    with pytest.raises((AssertionError, ValueError), match=message):
        page.run(block("yaml", *lines))
