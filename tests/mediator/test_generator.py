"""Samples from a language model: one request each, and replies as they would be shown."""

from __future__ import annotations

import pytest

from simcons.engines.base import Message, Reply
from simcons.engines.replies import clean
from simcons.engines.templates import turns
from simcons.languages.en_gb import EN_GB
from simcons.mediator.generator import model_samples
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.mediators import LanguageModelGeneratorSettings

SETTINGS = LanguageModelGeneratorSettings(
    kind="language_model", engine="small", samples=4, sampling=SamplingSettings(temperature=0.5)
)


@pytest.fixture
def view(bank):
    return RoundView("r1", bank[0], tuple(SeenOpinion(f"o{k}", f"opinion {k}") for k in range(5)), {})


def run(view, *, prompt, replies=("x",) * 4, finish="stop", seed=0, key="a/5", continues=True):
    """The first requests an act makes, and its draws for ``replies``, which later requests get too."""

    def render(question, opinions):
        return turns(prompt.format(question=question, opinions="|".join(opinions)))

    act = model_samples(view, view.opinions, SETTINGS, render, EN_GB, seed=seed, key=key, continues=continues)
    requests = wanted = next(act)
    try:
        while True:
            wanted = act.send([Reply(replies[request.draw % 1024], 10, 3, finish) for request in wanted])
    except StopIteration as done:
        return requests, done.value


def asked_again(view, answer, **settings):
    """All requests of an act whose replies ``answer(request)`` gives, and its draws."""
    changed = SETTINGS.model_copy(update=settings)
    act = model_samples(view, view.opinions, changed, lambda question, opinions: PROMPT, EN_GB, seed=0, key="a/5")
    requests = []
    try:
        wanted = next(act)
        while True:
            requests += wanted
            wanted = act.send([answer(request) for request in wanted])
    except StopIteration as done:
        return requests, done.value


PROMPT = (Message("user", "Write."), Message("assistant", "We"))


def test_one_request_a_sample_each_with_its_own_seed(view):
    requests, draws = run(view, prompt="<<user>>\n{question} {opinions}", replies=("a", "b", "c", "d"), finish="length")
    samples = [draw.sample for draw in draws]
    assert len({request.seed for request in requests}) == 4
    assert {(request.engine, request.sampling) for request in requests} == {("small", SETTINGS.sampling)}
    assert len({request.messages for request in requests}) == 1
    assert view.question.text in requests[0].messages[0].content
    assert sorted(requests[0].messages[0].content.split("? ")[1].split("|")) == [f"opinion {k}" for k in range(5)]
    assert [sample.text for sample in samples] == ["a", "b", "c", "d"]
    assert all(sample.truncated and (sample.tokens_in, sample.tokens_out) == (10, 3) for sample in samples)


def test_seeds_and_order_follow_round_key_and_seed(view):
    asked = {run(view, prompt="{opinions}", key=key, seed=seed)[0][0] for key in ("a/5", "b/5") for seed in (0, 1)}
    assert len({request.seed for request in asked}) == 4
    assert len({request.messages for request in asked}) > 1  # 4 orders of 5 all the same: 1/120^3
    assert run(view, prompt="{opinions}")[0] == run(view, prompt="{opinions}")[0]


@pytest.mark.parametrize(
    ("reply", "shown"),
    [(" think so.", "We think so."), ("think so.", "We think so."), ("'d rather not.", "We'd rather not."), (", as a group, agree.", "We, as a group, agree.")],  # noqa: E501
)  # fmt: skip
def test_a_reply_goes_on_from_its_beginning(view, reply, shown):
    draws = run(view, prompt="<<user>>\n{question}\n<<assistant>>\nWe", replies=(reply,) * 4)[1]
    assert draws[0].sample.text == shown
    assert run(view, prompt="<<user>>\n{question}", replies=(reply,) * 4)[1][0].sample.text == reply.strip()


def test_an_engine_that_is_asked_in_words_may_ignore_the_beginning(view):
    prompt = "<<user>>\n{question}\n<<assistant>>\nWe"
    for continues, text in ((True, "We Everyone agrees."), (False, "Everyone agrees.")):
        draws = run(view, prompt=prompt, replies=("Everyone agrees.",) * 4, continues=continues)[1]
        assert [draw.sample.text for draw in draws] == [text] * 4


UNUSABLE = [
    (Reply("", 10, 0, "stop"), "empty", ""),
    (Reply(" ", 10, 1, "stop"), "empty", " "),
    (Reply("...", 10, 1, "stop"), "empty", "..."),
    (Reply("<|im_end|>", 10, 1, "stop"), "empty", "<|im_end|>"),
    (Reply("<think>Opinion 1 is", 10, 5, "length"), "reasoning", "<think>Opinion 1 is"),
    (Reply("", 10, 5, "length", reasoning="Opinion 1 is"), "reasoning", "Opinion 1 is"),
    (Reply("<think>Hm.</think> We", 10, 5, "stop"), "reasoning", "<think>Hm.</think> We"),
    (Reply(" can't, as an AI I have no views.", 10, 5, "stop"), "refusal", " can't, as an AI I have no views."),
    (Reply("all ag", 10, 5, "filtered", seen="content_filter"), "filtered", "all ag"),
    (Reply("", 0, 0, "filtered", seen="content_filter"), "filtered", "content_filter"),
    (Reply("", 0, 0, "refused", seen="no emoji please"), "refused", "no emoji please"),
]


@pytest.mark.parametrize(("reply", "reason", "raw"), UNUSABLE)
def test_a_sample_without_usable_text_is_drawn_again_then_given_up(view, reply, reason, raw):
    requests, draws = asked_again(view, lambda request: reply, samples=2, retries=2)
    assert [request.draw for request in requests] == [0, 1, 1024, 1025, 2048, 2049]
    assert len({request.seed for request in requests}) == 6
    assert [(draw.number, draw.sample, draw.missing, draw.attempts, draw.raw) for draw in draws] == [
        (0, None, reason, 3, raw),
        (1, None, reason, 3, raw),
    ]


def test_only_what_failed_is_drawn_again(view):
    fails = {1, 2, 1024 + 2}
    requests, draws = asked_again(view, lambda r: Reply("" if r.draw in fails else f" say {r.draw}", 9, 3, "stop"))
    assert [request.draw for request in requests] == [0, 1, 2, 3, 1025, 1026, 2050]
    assert [draw.sample.text for draw in draws] == ["We say 0", "We say 1025", "We say 2050", "We say 3"]
    assert [draw.sample.number for draw in draws] == [0, 1, 2, 3]
    assert [draw.attempts for draw in draws] == [1, 2, 3, 1]
    first = asked_again(view, lambda r: Reply("x", 9, 3, "stop"))[0]
    assert first == requests[:4]


def test_what_would_come_out_the_same_is_not_drawn_again(view):
    empty, too_long = Reply("", 10, 0, "stop"), Reply("", 0, 0, "too_long", seen="4,096")
    fixed = SamplingSettings(temperature=0.0)
    assert [draw.attempts for draw in asked_again(view, lambda request: empty, sampling=fixed)[1]] == [1] * 4
    draws = asked_again(view, lambda request: too_long)[1]
    assert [(draw.missing, draw.attempts, draw.raw) for draw in draws] == [("too_long", 1, "4,096")] * 4
    assert [draw.attempts for draw in asked_again(view, lambda request: empty, retries=0)[1]] == [1] * 4


def test_reasoning_is_kept_apart(view):
    reply = Reply("<think>Opinion 1 is selfish.</think>\nWe agree.", 10, 9, "stop", reasoning="First")
    draws = asked_again(view, lambda request: reply)[1]
    assert [(draw.sample.text, draw.reasoning) for draw in draws] == [("We agree.", "First\nOpinion 1 is selfish.")] * 4


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("  We agree.\n\nStrongly. ", "We agree. Strongly."),
        ("Statement: We agree.", "We agree."),
        ('"We agree."', "We agree."),
        ("“We agree.”", "We agree."),
        ('statement:  "We agree."', "We agree."),
        ('"Yes" is our answer, not "no"', '"Yes" is our answer, not "no"'),
        ('"', '"'),
        ("We think that the stat", "We think that the stat"),
        ("", ""),
    ],
)
def test_a_reply_as_it_is_shown(reply, shown):
    assert clean(reply, EN_GB.replies) == shown
    assert clean(clean(reply, EN_GB.replies), EN_GB.replies) == shown


def test_a_bare_prompt_is_continued_not_repeated(view):
    requests, draws = run(view, prompt="Q: {question}\nA:", replies=("We agree.",) * 4)
    assert requests[0].messages == (Message("text", f"Q: {view.question.text}\nA:"),)
    assert draws[0].sample.text == "We agree."
