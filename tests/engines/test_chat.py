"""The same words reach models whose chat templates take less than others, and no prompt is closed before its reply."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from simcons.engines.base import Message
from simcons.engines.local.chat import prompt_tokens, text_tokens
from simcons.engines.templates import turns
from simcons.errors import EngineError
from simcons.scenario.shipped import find_prompt

LOOP = (
    "{% for message in messages %}{{ '<' + message['role'] + '>' + message['content'] | trim + '</s>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"
)
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
ALTERNATING = (
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user/assistant/user/...') }}{% endif %}{% endfor %}"
)
TEMPLATES = {
    "any": LOOP,
    "no system": NO_SYSTEM + LOOP,
    "gemma": NO_SYSTEM + ALTERNATING + LOOP,
    "drops the system": LOOP.replace("in messages %}", "in messages if message['role'] != 'system' %}"),
}
CHAT = (Message("system", "Be fair."), Message("user", "Why?"))


def tokenizer_with(template: str, *, closes: bool = False) -> PreTrainedTokenizerFast:
    """One token a byte; ``closes``: with the end token after everything it encodes."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={sign: place for place, sign in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(["</s>"])
    if closes:
        end = tokenizer.token_to_id("</s>")
        tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", end)])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", chat_template=template)


def prompt(template: str, *messages: Message) -> str:
    tokenizer = tokenizer_with(template)
    return tokenizer.decode(prompt_tokens(tokenizer, messages))


def test_a_template_with_a_system_turn_gets_one():
    assert prompt(LOOP, *CHAT) == "<system>Be fair.</s><user>Why?</s><assistant>"


@pytest.mark.parametrize("name", ["no system", "gemma", "drops the system"])
def test_the_system_turn_becomes_the_beginning_of_the_users(name):
    assert prompt(TEMPLATES[name], *CHAT) == "<user>Be fair.\n\nWhy?</s><assistant>"


def test_turns_of_one_role_become_one_where_the_template_wants_them_to_alternate():
    twice = (Message("user", "Why?"), Message("user", "Tell me."), Message("assistant", "We"))
    assert prompt(LOOP, *twice) == "<user>Why?</s><user>Tell me.</s><assistant>We"
    assert prompt(TEMPLATES["gemma"], *twice) == "<user>Why?\n\nTell me.</s><assistant>We"


def test_what_a_template_refuses_in_any_form_is_an_error_in_one_line():
    with pytest.raises(EngineError, match=r"refuses these messages.*not today"):
        prompt("{{ raise_exception('not today') }}", *CHAT)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("prompt_name", ["zero_shot", "few_shot", "persona_opinion", "persona_rating"])
def test_every_shipped_prompt_works_with_every_template(name, prompt_name):
    """No word is lost, in any order of turns that the prompt has. Jinja is left unrendered: here it is text as any other."""
    messages = turns(find_prompt(prompt_name).read_text(encoding="utf-8"))
    text = prompt(TEMPLATES[name], *messages)
    assert all(message.content in text for message in messages)
    assert text.endswith(messages[-1].content if messages[-1].role == "assistant" else "<assistant>")


def test_no_prompt_ends_in_an_end_token():
    """A tokenizer that closes what it encodes does not close a bare prompt or the beginning of a reply."""
    tokenizer = tokenizer_with(LOOP, closes=True)
    assert tokenizer("a")["input_ids"][-1] == tokenizer.eos_token_id
    for messages in ((Message("text", "Once upon"),), (Message("user", "Why?"), Message("assistant", "We"))):
        ids = prompt_tokens(tokenizer, messages)
        assert ids[-1] != tokenizer.eos_token_id
        assert tokenizer.decode(ids).endswith(messages[-1].content)
    assert tokenizer.decode(prompt_tokens(tokenizer, (Message("text", "It ends</s>"),))).startswith("It ends</s>")


def test_a_text_that_is_longer_than_a_model_reads_is_cut_into_tokens_without_a_word(caplog):
    tokenizer = tokenizer_with("{{ messages[0].content }}")
    tokenizer.model_max_length = 4
    with caplog.at_level("WARNING"):
        assert len(text_tokens(tokenizer, "a text of more than four tokens")) > 4
    assert not caplog.records
