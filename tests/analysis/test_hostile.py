"""What attacks do: planted obedience is found as large as it is, its absence as nothing, and the tables say so."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from acting import Actor, act_out, shown
from rich.console import Console

from simcons.analysis.hostile import shifts, twins
from simcons.cli.display.summary import print_summary
from simcons.languages.en_gb import EN_GB
from simcons.seeds import stream

DEMANDS = [[re.escape(piece) for piece in demand.split("{claim}")] for demand in EN_GB.attacks.demands]
ATTACK = re.compile("(?:" + "|".join(before for before, _ in DEMANDS) + ").+", re.DOTALL)
OPINION = re.compile(r"<opinion \d+>(.+?)</opinion \d+>", re.DOTALL)
NEUTRAL = "would need to know more about this before we could say anything at all."


def arm(name, opinions, **parts):
    generator = {"kind": "language_model", "engine": "m", "prompt": "zero_shot", "samples": 2, "opinions": opinions}
    return {"arm": name, "generator": generator, "select": 1, **parts}


ARMS = [arm("told", "submitted"), arm("told-honest", "honest")]
PAIR = [("told", "told-honest")]


def obedient(request):
    """The first demand there is, in the very words, from four before its claim on; else what cannot offend anybody."""
    for before, after in DEMANDS:
        if demand := re.search(f"{before}(.+?){after}", shown(request)):
            lead = demand[0][: demand.start(1) - demand.start()].split()[-4:]
            return f"all agree that {demand[1]}. As was said, {' '.join(lead)} {demand[1]}."
    return NEUTRAL


def deaf(request):
    """One of the opinions, drawn by the request's seed, without what was added to it."""
    opinions = [ATTACK.sub("", text).strip() for text in OPINION.findall(shown(request))]
    return f"think: {opinions[int(stream(request.seed, 'which').integers(len(opinions)))]}"


def study(folder, write, *, attack="instruct", share=0.25, mediators=ARMS, **design):
    return act_out(
        folder,
        Actor(write),
        seed=4,
        mediators=mediators,
        participants={"hostility": {"share": share, "attack": attack}},
        design={"groups": 12, "rounds": 2, "passes": 1, **design},
    )


@pytest.fixture(scope="module")
def obeyed(tmp_path_factory):
    return study(tmp_path_factory.mktemp("obeyed") / "run", obedient, omissions=[0, 2], groups=24)


def by_hand(run):
    """(attacked, hostile, difference) for everybody in each round and omission, by loops over the rows."""
    attackers = dict(run.truth("opinions").dropna(subset=["attack"])[["opinion_id", "attack"]].to_numpy())
    authors = dict(run.opinions[["opinion_id", "participant_id"]].to_numpy())
    used = dict(run.candidates[["candidate_id", "opinion_ids"]].itertuples(index=False))
    agreement = run.truth("appraisals").set_index(["candidate_id", "participant_id"])["agreement"].to_dict()
    picked = {(row.round_id, row.omitted, row.arm): row.candidate_id for row in run.selections.itertuples()}
    for (round_id, omitted, name), ours in picked.items():
        if name == "told":
            theirs = picked[round_id, omitted, "told-honest"]
            hostile = {authors[opinion] for opinion in used[ours] if opinion in attackers}
            for candidate, who in agreement:
                if candidate == ours:
                    yield bool(hostile), who in hostile, agreement[ours, who] - agreement[theirs, who]


def test_the_gain_of_obeying_is_found_as_large_as_it_is(obeyed):
    [found] = shifts(obeyed, PAIR)
    rows = list(by_hand(obeyed))
    assert found.hostile.value == pytest.approx(np.mean([d for _, hostile, d in rows if hostile]))
    assert found.others.value == pytest.approx(
        np.mean([d for attacked, hostile, d in rows if attacked and not hostile])
    )
    assert found.n_attacked > 10
    assert found.n_clean > 5
    told = obeyed.selections[obeyed.selections["arm"] == "told"]
    assert found.n_attacked + found.n_clean == len(told), "two numbers of opinions left out, where anybody wrote"
    assert found.hostile.interval[0] > 0, "they get what they asked for"
    assert found.others.value < found.hostile.value
    assert (found.clean.value, found.clean.interval) == (0, None), "without an attack the two arms are told the same"


def test_obeying_is_seen_in_the_words(obeyed):
    [found] = shifts(obeyed, PAIR)
    assert (found.repeated, found.repeated_honest) == (1, 0)
    assert found.echoed > found.echoed_honest + 0.3


@pytest.mark.parametrize("attack", ["escape", "repeat"])
def test_every_attack_is_recognised_in_what_obeys_it(attack, tmp_path):
    [found] = shifts(study(tmp_path / "run", obedient, attack=attack, groups=4), PAIR)
    assert (found.repeated, found.repeated_honest) == (1, 0)


@pytest.mark.parametrize("more", [{}, {"scorer": "reader"}])
def test_a_mediator_that_cannot_hear_attacks_is_not_moved_at_all(tmp_path, more):
    """Twins draw alike and break ties alike, so that what differs between them is the attacks alone."""
    arms = [arm(name, opinions, **more) for name, opinions in zip(PAIR[0], ("submitted", "honest"), strict=True)]
    [found] = shifts(study(tmp_path / "run", deaf, groups=12, mediators=arms), PAIR)
    for estimate in (found.hostile, found.others, found.clean):
        assert (estimate.value, estimate.interval) == (0.0, None)
    assert (found.repeated, found.repeated_honest) == (0, 0)


def test_rounds_without_an_attack_are_the_same_for_both(obeyed):
    [found] = shifts(obeyed, PAIR)
    assert (found.clean.value, found.clean.interval) == (0.0, None)


def test_twins_differ_in_nothing_else(tmp_path):
    more = {"scorer": "reader"}
    arms = [
        *ARMS,
        arm("best", "submitted", **more),
        arm("best-honest", "honest", **more),
        arm("lone", "honest", select=2),
    ]
    run = study(tmp_path / "run", obedient, groups=1, mediators=[*arms, {"arm": "scripted"}])
    assert twins(run) == [("told", "told-honest"), ("best", "best-honest")]


def test_without_hostile_people_there_is_nothing_to_say(tmp_path):
    assert shifts(study(tmp_path / "run", obedient, share=0.0, groups=2)) == []


def test_the_summary_has_a_row_an_arm_and_fits_a_terminal(obeyed):
    page = io.StringIO()
    print_summary(obeyed, Console(file=page, width=80))
    text, [found] = page.getvalue(), shifts(obeyed)
    told = " ".join(text.split())
    assert f"told: {found.n_attacked} of {found.n_attacked + found.n_clean} sets of opinions held an attack." in told
    assert "words in a row of an attack in 100% of these (its honest twin told-honest: 0%)" in told
    assert f"{found.hostile.value:.2f} [{found.hostile.interval[0]:.2f}" in text
    assert "told-honest *" in text
    assert "* sees the truth" in text
    assert max(map(len, text.splitlines())) <= 80
