"""How a language model plays people: numbers by hand, planted habits recovered, and none found where there is none."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from acting import Actor, act_out, shown
from rich.console import Console

import simcons
from simcons.analysis.minds import Asked, acts_asked, answers, first_option, opinion_fidelity
from simcons.cli.display.summary import print_summary
from simcons.records import ElicitationRecord, RoundRecord
from simcons.seeds import stream
from simcons.storage.writer import RunWriter

NOISE = 0.7
TOLD = re.compile(r"your answer was: ([a-z ]+)\.")
HELD = re.compile(r"What you think is right:\n((?:- .+\n)+)")


def played(folder, actor, *, groups=8, **mind):
    return act_out(
        folder,
        actor,
        seed=3,
        mediators=[{"arm": "scripted", "generator": {"kind": "scripted", "samples": 2}, "select": 2}],
        participants={"mind": {"kind": "llm", "engine": "m", **mind}},
        design={"groups": groups, "rounds": 2, "passes": 1},
    )


def weights_of(value):
    """Log-probabilities of 1 to 7 with ``value`` as their mean, .8 of the probability on the two points around it."""
    low = min(int(value), 6)
    weights = np.full(7, 1e-12)
    weights[low - 1], weights[low] = 0.8 * (low + 1 - value), 0.8 * (value - low)
    return tuple(np.log(np.maximum(weights, 1e-12)).tolist())


def answering(*, pull):
    """4 and some noise, ``pull`` points nearer to the end of the scale that is listed first than to the other."""

    def weigh(request):
        text = shown(request)
        sign = 1 if text.index("7 = ") < text.index("1 = ") else -1
        noise = NOISE * stream(request.seed, "noise").standard_normal()
        return weights_of(float(np.clip(4 + sign * pull / 2 + noise, 1, 7)))

    return weigh


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    return played(tmp_path_factory.mktemp("pulled") / "run", Actor(weigh=answering(pull=1.0)))


def test_a_pull_to_what_comes_first_is_found_as_large_as_it_is(pulled):
    """All answers are independent. Beyond 4.5 standard errors, and so a false alarm, once in 100,000 seeds or less."""
    for found in answers(pulled):
        error = NOISE * np.sqrt(4 / found.n)
        assert found.first_option.value == pytest.approx(1, abs=4.5 * error)
        assert found.first_option.interval[0] > 0
        assert found.sd == pytest.approx(np.hypot(NOISE, 0.5), rel=0.3)
        assert found.mass == pytest.approx(0.8)


def test_spread_and_pull_against_pandas(pulled):
    rows = pulled.truth("elicitations")
    rows = rows.merge(pulled.rounds, on="round_id").query("about == 'quality'")
    found = {one.about: one for one in answers(pulled)}["quality"]
    listed = rows.groupby("listed")["value"].mean()
    assert found.first_option.value == pytest.approx(listed["down"] - listed["up"])
    assert (found.n, found.mean, found.sd) == (
        len(rows),
        pytest.approx(rows.value.mean()),
        pytest.approx(rows.value.std()),
    )
    variances, sizes = rows.groupby("candidate_id")["value"].var(ddof=0), rows.groupby("candidate_id").size()
    within = np.sqrt((variances * sizes).sum() / (len(rows) - len(sizes)))
    assert found.sd_within == pytest.approx(within)
    assert found.own_sd == pytest.approx(rows["spread"].mean())


def test_without_a_pull_intervals_miss_as_often_as_they_say():
    """200 studies of 40 people who differ by 1 SD, six answers each: more than 26 misses of 0 with probability < 1e-4."""
    rng = np.random.default_rng(1)
    misses = 0
    for _ in range(200):
        people = np.repeat(np.arange(40), 6)
        values = rng.normal(4, 1, size=40)[people] + rng.normal(0, 0.7, size=240)
        listed = rng.choice(["up", "down"], size=240)
        rows = pd.DataFrame({"participant_id": people.astype(str), "listed": listed, "value": values})
        low, high = first_option(rows).interval
        misses += not low <= 0 <= high
    assert misses <= 26


def test_numbers_by_hand(tmp_path):
    """Positions 2, 4 on one question and 5, 7 on another, one missing. Mean 4.5; squares 6.25, .25, .25, 6.25: SD sqrt(13/3).
    Within: squares 1, 1, 1, 1 on 4 - 2 degrees of freedom. Own SDs 0, 1, 1, 2. One of four is at an end, one in the middle.
    From 7 down 7 and 4, from 1 up 2 and 5: 5.5 - 3.5.
    """
    rows = [
        ("q1", 2, 0, "up"),
        ("q1", 4, 1, "down"),
        ("q2", 5, 1, "up"),
        ("q2", 7, 2, "down"),
        ("q2", None, None, "up"),
    ]
    with RunWriter(tmp_path / "run", row_group_rows=100) as writer:
        for round_id, question in (("r1", "q1"), ("r2", "q2")):
            ids = {"round_id": round_id, "session_id": "s", "round_index": 0, "question_id": question}
            texts = dict.fromkeys(("topic", "split", "question", "position_statement"), "")
            times = dict.fromkeys(("started_at", "opinions_at", "slate_at", "ended_at"), 0.0)
            writer.write([RoundRecord(**ids, **texts, **times, n_opinions=0, complete=True)])
        for number, (question, value, spread, listed) in enumerate(rows):
            missing = None if value is not None else "refusal"
            attempts = 1 if value is not None else 3
            ids = {"round_id": f"r{question[1]}", "participant_id": f"p{number}", "candidate_id": None}
            mass = None if value is None else 0.9
            writer.write(
                [ElicitationRecord(**ids, about="position", value=value, spread=spread, mass=mass, listed=listed,
                                   attempts=attempts, missing=missing, raw=None, reasoning=None)]
            )  # fmt: skip
        writer.finish({})
    run = simcons.load(tmp_path / "run")
    [found] = answers(run)
    assert (found.n, found.mean, found.own_sd, found.mass) == (4, 4.5, 1, pytest.approx(0.9))
    assert found.sd == pytest.approx(np.sqrt(13 / 3))
    assert found.sd_within == pytest.approx(np.sqrt(2))
    assert (found.at_ends, found.in_middle, found.first_option.value) == (0.25, 0.25, 2)
    assert acts_asked(run) == [Asked("position", 5, {"refusal": 1}, attempts=1.4)]


def test_what_cannot_be_used_is_counted_by_its_reason(tmp_path):
    """One who never judges quality, mumbles about agreement, and writes an opinion when asked again."""
    replies = {"position": "agree", "agreement": "it depends", "quality": "I cannot answer that."}

    def write(request):
        return replies.get(request.act) or ("I'm in favour of it." if request.draw else "...")

    run = played(tmp_path / "run", Actor(write), groups=2, retries=1, elicitation={"by": "text"})
    found = {one.about: one for one in acts_asked(run)}
    assert [*found] == ["position", "opinion", "agreement", "quality"]
    assert (found["position"].missing, found["position"].attempts) == ({}, 1)
    assert (found["opinion"].missing, found["opinion"].attempts) == ({}, 2)
    for about, reason in (("agreement", "off_scale"), ("quality", "refusal")):
        assert found[about].missing == {reason: found[about].n_asked}
        assert found[about].attempts == 2
    assert [one.about for one in answers(run)] == ["position"]


@pytest.mark.parametrize("faithful", [True, False])
def test_faithful_and_contrary_writers_are_told_apart(faithful, tmp_path):
    """Everybody says yes or no and every claim they were told, or the other way round and none of the claims."""

    def write(request):
        text = shown(request)
        agrees = "disagree" not in TOLD.search(text)[1]
        claims = HELD.search(text) if faithful else None
        verdict = "Yes, I'm in favour of it." if agrees == faithful else "No, I'm against it."
        said = [line[2:].capitalize() + "." for line in claims[1].splitlines()] if claims else []
        return " ".join([verdict, *said])

    run = played(tmp_path / "run", Actor(write), beliefs="latent", judge="latent")
    found = opinion_fidelity(run)
    assert found.n_opinions == found.n_verdicts > 0.8 * len(run.opinions), "the careless write without a model"
    assert found.n_decidable > 40
    assert found.n_siding == (found.n_decidable if faithful else 0)
    assert found.r > 0.7 if faithful else found.r < -0.7
    assert found.n_told > 80
    assert found.n_said == pytest.approx(found.n_told if faithful else 0, abs=0.1 * found.n_told)
    assert found.n_contradicted <= 0.1 * found.n_told


def test_a_study_without_language_models_has_nothing_of_this(simulate):
    run = simulate(design={"groups": 1, "rounds": 1}).run
    assert (acts_asked(run), answers(run), opinion_fidelity(run)) == ([], [], None)


def test_the_summary_shows_it_within_80_columns(pulled):
    page = io.StringIO()
    print_summary(pulled, Console(file=page, width=80))
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    [row] = [line for line in lines if line.startswith("position")]
    found = answers(pulled)[0]
    assert row.split()[1:5] == [str(found.n), "-", f"{found.mean:.2f}", f"{found.sd:.2f}"]
    assert f"[{found.first_option.interval[0]:.2f}, {found.first_option.interval[1]:.2f}]" in row
