"""How busy engines are: rows about every half second of work, each with the replies of its own work, together all there was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simcons.engines.base import Message, Reply, Request
from simcons.engines.dispatch import Dispatch
from simcons.engines.meter import Meter
from simcons.engines.scripted import ScriptedEngine
from simcons.scenario.engines import SamplingSettings

REPLY = Reply("", 100, 10, "stop")


class Time:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def measured(work: list[tuple[float, float, int]]) -> tuple[list, Meter]:
    """Rows after (seconds idle, seconds at work, replies) in turn."""
    time, rows = Time(), []
    meter = Meter(rows.append, now=time)
    for idle, busy, n_replies in work:
        time.at += idle + busy
        meter.worked("m", busy, waiting=n_replies + 1, under_way=n_replies)
        for _ in range(n_replies):
            meter.replied("m", REPLY)
    meter.finish()
    return rows, meter


def test_work_longer_than_a_slice_has_a_row_of_its_own():
    rows, _ = measured([(1.0, 60.0, 64), (2.0, 30.0, 8)])
    assert [(row.began_wall, row.ended_wall, row.busy_seconds) for row in rows] == [(1, 61, 60), (63, 93, 30)]
    assert [(row.n_replies, row.tokens_in, row.tokens_out) for row in rows] == [(64, 6400, 640), (8, 800, 80)]
    assert [(row.waiting, row.under_way, row.largest_batch) for row in rows] == [(65, 64, 64), (9, 8, 8)]


def test_short_work_is_put_together():
    """0.125 s each, back to back: rows of four."""
    rows, _ = measured([(0.0, 0.125, 1)] * 10)
    assert [row.n_replies for row in rows] == [4, 4, 2]
    assert [row.busy_seconds for row in rows] == [0.5, 0.5, 0.25]


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 3), st.integers(1, 5)), max_size=30))
def test_rows_add_up_and_nobody_is_busier_than_time_passes(work):
    rows, meter = measured(work)
    assert sum(row.n_replies for row in rows) == sum(n for *_, n in work) == meter.gauge("m").usage.n_calls
    assert abs(sum(row.busy_seconds for row in rows) - sum(busy for _, busy, _ in work)) < 1e-9
    ends = [0.0]
    for row in rows:
        assert row.busy_seconds <= row.ended_wall - row.began_wall + 1e-9
        assert row.began_wall >= ends[-1] - 1e-9
        ends.append(row.ended_wall)
    assert all(row.n_replies for row in rows)


def test_the_engine_is_busy_while_it_is_called_and_no_longer():
    """Two batches of a second a reply, an hour between them that is nobody's work; seen from outside while it works."""
    time, seen = Time(), []

    class Slow(ScriptedEngine):
        def reply(self, request: Request) -> Reply:
            time.at += 1.0
            seen.append(dispatch.busy_seconds())
            return REPLY

    class Nobody:
        wanted = True

        def deliver(self, reply: Reply) -> None:
            time.at += 100.0

    dispatch = Dispatch({"m": Slow(batch_limit=1)}, meter=Meter(now=time))
    for seed in range(4):
        dispatch.ask(Request("m", (Message("user", "a"),), SamplingSettings(), seed=seed), Nobody())
        if seed % 2:
            dispatch.wait()
            time.at += 3600.0
    gauge = dispatch.meter.gauge("m")
    assert (gauge.busy_seconds, gauge.usage.n_calls, gauge.largest) == (4.0, 4, 2)
    assert seen == [1.0, 2.0, 3.0, 4.0]
    assert dispatch.busy_seconds() == 4.0
