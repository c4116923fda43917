"""Samples from a language model: one request each, and replies as they would be shown."""

from __future__ import annotations

import pytest

from simcons.engines.base import Message, Reply
from simcons.engines.replies import clean
from simcons.engines.templates import turns
from simcons.mediator.generator import model_samples
from simcons.mediator.view import RoundView, SeenOpinion
from simcons.scenario.engines import Sampling
from simcons.scenario.study import LanguageModelGenerator

SETTINGS = LanguageModelGenerator(kind="language_model", engine="small", samples=4, sampling=Sampling(temperature=0.5))


@pytest.fixture
def view(bank):
    return RoundView("r1", bank[0], tuple(SeenOpinion(f"o{k}", f"opinion {k}") for k in range(5)))


def run(view, *, prompt, replies=("x",) * 4, finish="stop", seed=0, key="a/5"):
    """The requests an act makes, and its samples for ``replies``."""

    def render(question, opinions):
        return turns(prompt.format(question=question, opinions="|".join(opinions)))

    act = model_samples(view, view.opinions, SETTINGS, render, seed=seed, key=key)
    requests = next(act)
    with pytest.raises(StopIteration) as done:
        act.send([Reply(text, 10, 3, finish) for text in replies])
    return requests, done.value.value


def test_one_request_a_sample_each_with_its_own_seed(view):
    requests, samples = run(
        view, prompt="<<user>>\n{question} {opinions}", replies=("a", "b", "c", "d"), finish="length"
    )
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
    samples = run(view, prompt="<<user>>\n{question}\n<<assistant>>\nWe", replies=(reply,) * 4)[1]
    assert samples[0].text == shown
    assert run(view, prompt="<<user>>\n{question}", replies=(reply,) * 4)[1][0].text == reply.strip()


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
    assert clean(reply) == shown
    assert clean(clean(reply)) == shown


def test_a_bare_prompt_is_continued_not_repeated(view):
    requests, samples = run(view, prompt="Q: {question}\nA:", replies=("We agree.",) * 4)
    assert requests[0].messages == (Message("text", f"Q: {view.question.text}\nA:"),)
    assert samples[0].text == "We agree."
