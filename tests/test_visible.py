"""What may be shown of text that nobody vouches for."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcons.visible import visible, visible_json, visible_markdown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;x\x07\x1b[31m", r"\x1b]0;x\x07\x1b[31m"),
        ("\x9b31m", r"\x9b31m"),  # the same command in one byte
        ("a\rb", r"a\x0db"),  # would write over the line
        ("a\r\nb\tc\n", "a\nb\tc\n"),
        ("admin\u202enimda", r"admin\u202enimda"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("a\u2028b", r"a\u2028b"),
        ("\udc80", r"\udc80"),  # cannot be written as UTF-8
        ("yes\U000e0041", r"yes\U000e0041"),  # an invisible letter A
        ("\U0001f3f4\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f", None),  # the flag of Wales
        ("naïve – 税金 👩‍👩‍👧 ½ [b]:smile:[/b] \\x1b", None),
    ],
)
def test_what_would_steer_a_terminal_is_spelled_out(text, shown):
    assert visible(text) == (text if shown is None else shown)


@given(st.text(st.characters()))
def test_any_text_can_be_shown_and_is_shown_once(text):
    shown = visible(text)
    assert visible(shown) == shown
    assert all(character.isprintable() or character in "\n\t" or not character.isascii() for character in shown)
    shown.encode()


@given(st.dictionaries(st.text(st.characters()), st.text(st.characters())))
def test_json_reads_back_the_same_and_is_safe_to_show(document):
    text = visible_json(document)
    assert json.loads(text) == document
    assert visible(text) == text


def test_markdown_holds_no_html():
    text = "# <script>x</script>\n\n1 < 2 <!-- a --> <b>\x1b[31m| p<.05 |"
    assert visible_markdown(text) == "# &lt;script>x&lt;/script>\n\n1 < 2 &lt;!-- a --> &lt;b>\\x1b[31m| p<.05 |"
