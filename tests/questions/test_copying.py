"""Copying is word for word, up to case and marks."""

from __future__ import annotations

import pytest

from simcons.languages.en_gb import EN_GB
from simcons.questions.copying import Sources

OPINIONS = ["I think it's fairer. Buses should be free for all of us!", "Never! it costs far too much money"]


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("Buses should be free for all of us. It costs far too much money.", 1.0),
        ("BUSES SHOULD BE FREE, FOR ALL OF US", 1.0),
        ("We agree that buses should be free for all of us.", 0.0),
        ("Buses should be free for all of us. We also want later trains.", 0.5),
        ("Buses should be free for all of us who live here.", 0.0),
        ("for free be should Buses.", 0.0),
        ("Never. I agree.", 0.0),  # three words or fewer coincide
        ("Never. It costs far too much money.", 1.0),  # and are not counted
        ("all of us never it", 0.0),  # not across two opinions
        ("", 0.0),
        ("!?", 0.0),
    ],
)
def test_the_share_of_sentences_that_stand_in_a_source(text, share):
    assert Sources(OPINIONS, EN_GB.text).copied_share(text) == pytest.approx(share)


def test_part_of_a_word_is_not_a_copy():
    assert Sources(["The art is good for us"], EN_GB.text).copied_share("he art is good for u") == 0
    assert Sources(["The art is good for us"], EN_GB.text).copied_share("art is good for") == 1


def test_nothing_to_copy_from():
    assert Sources([], EN_GB.text).copied_share("Buses should be free for all of us.") == 0
