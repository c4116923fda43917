"""People asked by clients that study software uses: OpenAI's own, and Inspect."""

from __future__ import annotations

import gc

import pytest
from playing import scenario_with
from pydantic import BaseModel, Field
from serving import served_in_a_thread

from simcons.serve.service import Service

QUESTION = "Should MPs be paid more?"
STATEMENT = "MPs should be paid more, but only once nurses and teachers are."
LABELS = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]

pytestmark = pytest.mark.filterwarnings("ignore")  # what the clients warn of is theirs


@pytest.fixture(autouse=True)
def _what_clients_leave_open_is_let_go_here():
    """And not during a test of something else, which their warnings would fail."""
    yield
    gc.collect()


class Rated(BaseModel):
    rating: int = Field(ge=1, le=7)
    reason: str


@pytest.fixture(scope="module")
def url():
    service = Service(scenario_with(design={"groups": 4}, mediators=[{"arm": "scripted", "select": 1}]))
    with served_in_a_thread(service) as url:
        yield url


@pytest.fixture
def client(tool, url):
    with tool("openai").OpenAI(base_url=url, api_key="none", max_retries=0) as client:
        yield client


def chat(*turns: str) -> list[dict[str, str]]:
    return [{"role": "assistant" if k % 2 else "user", "content": turn} for k, turn in enumerate(turns)]


def test_the_openai_client_has_a_whole_round_with_a_person(client):
    assert client.models.retrieve("persona-0002").id == "persona-0002"
    asked = {"model": "persona-0002", "seed": 3}
    whole = client.chat.completions.create(messages=chat(QUESTION), **asked)
    opinion = whole.choices[0].message.content
    stream = client.chat.completions.create(
        messages=chat(QUESTION), stream=True, stream_options={"include_usage": True}, **asked
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == opinion
    assert chunks[-1].usage == whole.usage
    rate = chat(QUESTION, opinion, f'Rate this statement from 1 to 7: "{STATEMENT}"')
    plain = client.chat.completions.create(messages=rate, **asked).choices[0].message.content
    parsed = client.chat.completions.parse(messages=rate, response_format=Rated, **asked).choices[0].message.parsed
    assert parsed == Rated(rating=int(plain), reason="")


def test_the_openai_client_has_the_same_by_its_newer_api(client):
    asked = {"model": "persona-0003", "input": f"{QUESTION}\nStatement: {STATEMENT}\nAnswer from 1 to 7."}
    plain = client.responses.create(**asked).output_text
    assert client.responses.parse(**asked, text_format=Rated).output_parsed == Rated(rating=int(plain), reason="")


def test_the_openai_client_goes_on_with_a_chat_by_its_newer_api(client, tool):
    """Its own objects come back as input, and are the chat that they are by the older one."""
    asked = {"model": "persona-0003", "instructions": "You are one of five people who discuss a question."}
    first = client.responses.create(input=QUESTION, **asked)
    assert (first.status, first.usage.output_tokens > 5) == ("completed", True)
    rate = {"role": "user", "content": f'Rate this statement from 1 to 7: "{STATEMENT}"'}
    rated = client.responses.create(input=[*chat(QUESTION), *first.output, rate], **asked)
    turns = [{"role": "system", "content": asked["instructions"]}, *chat(QUESTION, first.output_text), rate]
    plain = client.chat.completions.create(model=asked["model"], messages=turns)
    assert rated.output_text == plain.choices[0].message.content
    assert rated.output_text in "1234567"
    cut = client.responses.create(input=QUESTION, max_output_tokens=3, **asked)
    assert (cut.status, cut.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert cut.usage.output_tokens == 3
    assert first.output_text.startswith(cut.output_text)
    with pytest.raises(tool("openai").BadRequestError, match="only chat completions are streamed here"):
        client.responses.create(input=QUESTION, stream=True, **asked)


def test_the_openai_client_knows_our_errors(client, tool):
    with pytest.raises(tool("openai").NotFoundError, match="does not exist; expected persona-0001"):
        client.chat.completions.create(model="gpt-4", messages=chat(QUESTION))
    with pytest.raises(tool("openai").BadRequestError, match="names no question") as refused:
        client.chat.completions.create(model="persona-0001", messages=chat("Hello"))
    assert refused.value.code == "not_understood"


def test_inspect_asks_people_for_opinions_and_choices(tool, url, tmp_path):
    inspect, solvers = tool("inspect_ai"), tool("inspect_ai.solver")
    Sample, scorers = tool("inspect_ai.dataset").Sample, tool("inspect_ai.scorer")  # noqa: N806
    samples = [Sample(input=QUESTION, choices=LABELS, target=list("ABCDE"))]
    tasks = [
        inspect.Task(name="rates", dataset=samples, solver=solvers.multiple_choice(), scorer=scorers.choice()),
        inspect.Task(name="writes", dataset=[Sample(input=QUESTION)], solver=solvers.generate()),
    ]
    models = [
        tool("inspect_ai.model").get_model(f"openai-api/simcons/persona-{number:04d}", base_url=url, api_key="none")
        for number in (1, 2)
    ]
    logs = inspect.eval(tasks, model=models, log_dir=str(tmp_path), display="none")
    assert [log.status for log in logs] == ["success"] * 4
    said = [log.samples[0].output.completion for log in logs]
    assert sum(text.startswith("ANSWER: ") and text[-1] in "ABCDE" for text in said) == 2
    assert sum(len(text.split()) > 5 for text in said) == 2
    assert all(usage.output_tokens > 0 for log in logs for usage in log.stats.model_usage.values())
