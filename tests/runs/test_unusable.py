"""A run whose model gives nothing that can be used: told at once, stopped where that costs money, told again at the end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import typed
from processes import started

import simcons
from simcons.errors import NothingUsable
from simcons.report.answer_notes import answer_notes
from simcons.runs import Message
from simcons.unusable import unusable_sentence

STUB = Path(__file__).parents[1] / "engines" / "stub_server.py"
SCENARIO = """
name: spoilt
design: {groups: 6, group_sizes: [5], rounds: 2, passes: 1}
participants:
  mind:
    {kind: llm, engine: m, retries: 0, elicitation: {by: text}, opinion_sampling: {max_tokens: 60},
    opinion_prompt: FOLDER/opinion.md.j2, rating_prompt: FOLDER/rating.md.j2}
mediators: [{arm: scripted, generator: {kind: scripted, samples: 2}, select: 1}]
readers: {reader: {matching: words}}
engines: {m: {kind: openai, base_url: URL, model: stub, price_per_million: {input: PRICE}}}
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server that answers with what it was asked: with all seven options where it was to choose one."""
    with started(sys.executable, STUB, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}/plain/v1"


RATING = """<<user>>
{{ asked }} Rate: {{ statement }}
{% for option in options %}
{{ option.number }} = {{ option.label }}
{% endfor %}
"""


def scenario(folder: Path, url: str, price: float) -> Path:
    (folder / "opinion.md.j2").write_text("<<system>>\n{{ question }}\n<<user>>\nIt would help.\n")
    (folder / "rating.md.j2").write_text(RATING)
    path = folder / "spoilt.yaml"
    path.write_text(SCENARIO.replace("URL", url).replace("PRICE", str(price)).replace("FOLDER", str(folder)))
    return path


def test_a_free_engine_is_only_told_of_and_the_run_ends_as_any_other(tmp_path: Path, url: str) -> None:
    told: list[Message] = []
    run = simcons.run(scenario(tmp_path, url, 0), out=tmp_path / "run", on_message=told.append)
    warnings = [message.text for message in told if message.kind == "warning"]
    for about in ("positions", "agreement", "quality"):
        of = f"Attention: none of the latest 30 answers on {about} can be used, because the answer was none of"
        assert sum(warning.startswith(of) for warning in warnings) == 1
    assert any('one reply: "How far do you agree' in warning for warning in warnings)
    assert "none of the latest" in (run.folder / "run.log").read_text()
    notes = dict.fromkeys(note for label, note in answer_notes(run) if label == "Attention")
    assert len(notes) == 3
    assert all(note.startswith("none of the ") for note in notes)


def test_one_that_costs_money_stops_the_run_which_can_be_resumed(tmp_path: Path, url: str) -> None:
    expected = r"none of the first 50 answers on \w+ can be used.*stopped because they cost money"
    with pytest.raises(NothingUsable, match=expected):
        simcons.run(scenario(tmp_path, url, 1), out=tmp_path / "run")
    assert len(simcons.resume(tmp_path / "run").sessions) == 6


def test_the_command_line_says_how_to_go_on_all_the_same(tmp_path: Path, url: str) -> None:
    done = typed("run", scenario(tmp_path, url, 1), "--out", "run", cwd=tmp_path)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.endswith("because they cost money; to go on all the same: simcons run --resume run")


def test_the_sentence_counts_reasons_and_cuts_the_reply() -> None:
    sentence = unusable_sentence("opinion", 30, {"empty": 20, "refusal": 8}, "")
    assert sentence == "28 of the 30 opinions cannot be used, most often because the model said nothing"
    sentence = unusable_sentence("candidate", 30, {"filtered": 30}, "a\n\x1b[31m" + "b" * 500)
    assert sentence.startswith(
        'none of the 30 candidates can be used, because a content filter stopped it; one reply: "a '
    )
    assert "\x1b" not in sentence
    assert len(sentence) < 300
