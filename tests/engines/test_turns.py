"""Chats for models without a system turn, or with strict alternation."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simcons.engines.base import Message
from simcons.engines.turns import alternating, without_system

CHATS = st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), st.text("ab \n")), max_size=6)


def chat(*turns: tuple[str, str]) -> tuple[Message, ...]:
    return tuple(Message(role, content) for role, content in turns)


def test_what_the_system_says_comes_before_what_the_user_says_next():
    told = chat(("system", "Be fair."), ("user", "q"), ("assistant", "We"))
    assert without_system(told) == chat(("user", "Be fair.\n\nq"), ("assistant", "We"))
    late = chat(("user", "q"), ("assistant", "a"), ("system", "Be fair."), ("user", "again"))
    assert without_system(late) == chat(("user", "q"), ("assistant", "a"), ("user", "Be fair.\n\nagain"))
    assert without_system(chat(("system", "Be fair."))) == chat(("user", "Be fair."))
    assert without_system(chat(("text", "bare"))) == chat(("text", "bare"))


@given(CHATS)
def test_no_role_follows_itself_and_nothing_is_lost(messages):
    for change in (alternating, without_system):
        changed = change(messages)
        assert all(a.role != b.role for a, b in pairwise(changed))
        assert "".join(turn.content for turn in messages).replace("\n", "") == (
            "".join(turn.content for turn in changed).replace("\n", "")
        )
        assert change(changed) == changed
    assert all(turn.role != "system" for turn in without_system(messages))
