"""What a run tells while it goes, its log, and the line that says how far it is."""

from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest

import simcons
from simcons.counted import rough_time
from simcons.engines.base import Message as Turn
from simcons.engines.base import Request
from simcons.engines.dispatch import Dispatch
from simcons.engines.scripted import ScriptedEngine
from simcons.runs import Message, RunProgress
from simcons.runs.messages import Messages, Ticker
from simcons.scenario.engines import SamplingSettings
from simcons.scenario.load import load_scenario
from simcons.study.progress import Progress

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d ")


def texts(log: Path) -> list[str]:
    """The lines of a log without their times."""
    lines = log.read_text().splitlines()
    assert all(STAMP.match(line) for line in lines)
    return [STAMP.sub("", line) for line in lines]


# --- the log ------------------------------------------------------------------------------------------------------


def test_the_log_has_what_was_said_before_it_was_opened_and_is_gone_on_with(tmp_path):
    whole = "before and [bold] a long line that no terminal of forty columns holds"
    for word in ("first", "second"):
        said: list[Message] = []
        messages = Messages(said.append)
        messages.say(f"{word} before\nand [bold] a long line that no terminal of forty columns holds")
        messages.open_log(tmp_path)
        messages.log(f"{word} after")
        assert [message.text for message in said] == [f"{word} {whole}"]
    assert texts(tmp_path / "run.log") == [f"first {whole}", "first after", f"second {whole}", "second after"]


def test_a_log_that_cannot_be_written_ends_nothing(tmp_path):
    messages = Messages(print)
    messages.open_log(tmp_path / "nowhere")
    messages.log("unheard")


def test_a_run_logs_its_start_and_end_and_a_resumption_goes_on_below(tmp_path):
    """It is no table: two runs of one scenario differ in it alone."""
    small = {"design.groups": 1, "design.rounds": 1}
    simcons.run("paper_baselines", overrides=small, out=tmp_path / "run")
    (tmp_path / "run" / "manifest.json").unlink()
    simcons.resume(tmp_path / "run")
    lines = texts(tmp_path / "run" / "run.log")
    starts = [place for place, line in enumerate(lines) if "paper_baselines, seed 2, 1 session of 1 round" in line]
    assert len(starts) == 2
    assert " begins " in lines[starts[0]]
    assert " goes on with " in lines[starts[1]]
    assert lines.count("1 of 1 session, 1 of 1 round") == 2
    assert lines[-1].startswith("finished after ")
    simcons.run("paper_baselines", overrides=small, out=tmp_path / "run", force=True)
    assert len(texts(tmp_path / "run" / "run.log")) < len(lines)


def test_gaps_between_lines_grow():
    ticks: list[float] = []
    with Ticker(lambda: ticks.append(time.perf_counter()), first=0.05):
        time.sleep(0.6)
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    assert 3 <= len(ticks) <= 6
    assert all(gap > 0.06 for gap in gaps)


# --- the line -----------------------------------------------------------------------------------------------------


@pytest.fixture
def scenario():
    return load_scenario("paper_baselines", ["design.groups=4", "design.rounds=3"])


class Slot:
    wanted = True

    def deliver(self, reply):
        pass


def asked(n: int) -> Dispatch:
    """An engine that two calls fit into at a time, with ``n`` calls open."""
    dispatch = Dispatch({"m": ScriptedEngine(lambda request: "five words of a reply", batch_limit=2)})
    for seed in range(n):
        dispatch.ask(Request("m", (Turn("user", str(seed)),), SamplingSettings(), seed), Slot())
    return dispatch


def test_calls_answered_and_known_are_counted_and_the_time_left_follows_from_the_rounds(scenario):
    """6 rounds begun ask 5 calls each. 3 rounds over and 24 calls answered of 12 rounds in 48 s: (12 x (30 / 6 + 24 / 3) / 2
    - 24) more calls at 2 s each are 108 s.
    """
    progress = RunProgress(scenario, dispatch := asked(30), Path("run"))
    progress.updated(numbers := Progress(rounds_begun=6))
    assert str(progress) == "0 of 4 sessions, 0 of 12 rounds · 0 of 30 known model calls answered"
    while dispatch.meter.gauges.get("m") is None or dispatch.meter.gauges["m"].usage.n_calls < 24:
        dispatch.wait()
    answered = dispatch.meter.gauges["m"].usage.n_calls
    progress._began = time.perf_counter() - 2 * answered
    counted = rf"{answered} of 30 known model calls answered · \d+ tokens/s"
    assert re.fullmatch(f"0 of 4 sessions, 0 of 12 rounds · {counted} · at least 1 min left", str(progress))
    numbers.rounds_over = 3
    assert re.fullmatch(f"0 of 4 sessions, 3 of 12 rounds · {counted} · about 2 min left", str(progress))


def test_without_language_models_sessions_and_rounds_are_counted(scenario):
    progress = RunProgress(scenario, Dispatch({}), Path("run"))
    progress.updated(Progress(sessions=1, rounds_begun=7, rounds_over=5))
    assert str(progress) == "1 of 4 sessions, 5 of 12 rounds"
    progress._began -= 50
    assert str(progress) == "1 of 4 sessions, 5 of 12 rounds · about 1 min left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "5 s"), (42, "40 s"), (56, "1 min"), (3_000, "50 min"), (7_900, "2 h 10 min"), (9e5, "250 h")],
)
def test_durations(seconds, text):
    assert rough_time(seconds) == text
