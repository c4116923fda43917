"""The report of a study in a real browser: every control works, all text is there, nothing of it is run, nothing is cut off."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from looking import FAINT, WIDER, open_all, walk
from playing import PLAYED, capricious

import simcons
from simcons.analysis.sampling_calls import sampling_calls
from simcons.engines.scripted import ScriptedEngine
from simcons.report.study.write import write_study_report
from simcons.visible import visible

HOSTILE = (
    "We agree <script>window.ran=1</script><img src=x onerror='ran=1'> on \x1b[31mred\x1b[0m and \u202etxt. We say so."
)


DESIGN = {"groups": 2, "rounds": 2, "passes": 2, "stages": ["position", "opinion", "rating", "position_again"]}
SCRIPTED = {"arm": "scripted", "generator": {"kind": "scripted", "samples": 2}, "select": 1}
RERANKED = {"arm": "reranked", "scorer": "reader", "generator": {"kind": "scripted", "samples": 3}, "select": 1}


@pytest.fixture(scope="module")
def study(make_scenario, tmp_path_factory):
    """A finished run with a model's statements that try to be markup, and its page."""
    scenario = make_scenario(model=True, design=DESIGN, mediators=[SCRIPTED, RERANKED])
    folder = tmp_path_factory.mktemp("study")
    run = simcons.run(scenario, out=folder / "run", engines={"m": ScriptedEngine(lambda request: HOSTILE)})
    write_study_report([run], folder / "report.html")
    return run, folder / "report.html"


def shown(page, selector):
    return page.locator(selector).inner_text()


def open_round(page):
    page.locator("#rounds").scroll_into_view_if_needed()
    page.wait_for_selector("#rounds h3")


def test_text_of_models_is_shown_and_never_run(study, open_page):
    page = open_page(study[1])
    open_round(page)
    open_all(page)
    text = shown(page, "#rounds")
    assert visible(HOSTILE) in text
    assert "\\x1b[31mred" in text
    assert "\u202e" not in page.content()
    assert page.evaluate("window.ran") is None


def test_every_round_shows_all_that_was_written_and_rated(study, open_page):
    run, path = study
    page = open_page(path)
    open_round(page)
    rounds = run.rounds
    for k, question in enumerate(rounds["question"]):
        if k:
            page.click("#rounds [data-round=after]")
        page.wait_for_function("q => document.querySelector('#rounds h3').textContent === q", arg=question)
        open_all(page)
        text = " ".join(shown(page, "#rounds").split())
        for name in ("opinions", "candidates"):
            written_there = run.frame(name)
            for written in written_there[written_there["round_id"] == rounds["round_id"][k]]["text"]:
                assert " ".join(visible(written).split()) in text
    assert page.locator("#rounds select[data-round=choice] option").count() == len(rounds)


def test_the_calls_of_a_model_that_plays_people_open_beside_what_they_answered(make_scenario, open_page, tmp_path):
    scenario = make_scenario(model=True, design={"groups": 1, "rounds": 1}, participants={"mind": PLAYED})
    run = simcons.run(scenario, out=tmp_path / "run", engines={"m": ScriptedEngine(capricious)})
    write_study_report([run], tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    open_round(page)
    person = page.locator("#rounds .people > li").first
    person.get_by_text("in people's place").click()
    calls = person.locator(".calls > details")
    asked = run.truth("elicitations")
    (number,) = (int(text.split()[0].rstrip(".")) for text in [person.locator("h4").inner_text()])
    calls.first.wait_for()
    assert calls.first.locator("summary").inner_text().startswith(f"person {number}, opinion: ")
    first = asked[asked["participant_id"] == asked["participant_id"].min()]
    assert calls.count() == first[first["candidate_id"].isna()]["attempts"].sum()
    calls.last.locator("summary").click()
    calls.last.locator("pre").first.wait_for()  # made once it is open, which a busy machine does a little later
    assert calls.last.locator("pre").count() == 2
    assert run.rounds["position_statement"].iloc[0].rstrip(".")[1:] in calls.last.locator("pre").first.inner_text()
    page.locator("[data-round=truth]").uncheck()
    assert not calls.first.is_visible(), "prompts say what a person holds"


def test_the_calls_of_a_mediator_are_shown_with_what_they_cost(study, open_page):
    run, path = study
    page = open_page(path)
    open_round(page)
    written = page.locator("#rounds article", has=page.locator("h5 .badge", has_text="model")).first
    told = written.locator("summary", has_text="model call")
    told.press("Enter")
    prompt, reply = (written.locator("pre").nth(place) for place in (0, 1))
    reply.wait_for()
    assert reply.inner_text() == visible(HOSTILE)
    (there, *_) = sampling_calls(run).to_pylist()
    tokens = f"{there['tokens_in']} tokens in, {len(HOSTILE.split())} out"
    assert told.inner_text() == f"1 model call: {tokens}, {there['seconds']:.1f} s"
    opinions = run.opinions[run.opinions["round_id"] == run.rounds["round_id"][0]]["text"]
    assert all(" ".join(text.split()) in " ".join(prompt.inner_text().split()) for text in opinions)
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_what_is_behind_it(study, open_page, scheme):
    page = open_page(study[1], color_scheme=scheme)
    page.locator("#replay").scroll_into_view_if_needed()
    page.wait_for_selector("#replay .track .bar")
    open_round(page)
    open_all(page)
    assert page.evaluate(FAINT) == []


def test_the_keyboard_alone_reaches_and_opens_everything(study, open_page):
    page = open_page(study[1])
    open_round(page)
    assert walk(page) == []
    assert page.locator("#rounds details").count() == page.locator("#rounds details[open]").count() > 1


def test_ratings_stand_beside_the_people_who_gave_them(study, open_page):
    run, path = study
    page = open_page(path)
    open_round(page)
    first = run.candidates.query("shown").sort_values(["round_id", "slate_place"]).iloc[0]
    given = run.ratings[run.ratings["candidate_id"] == first["candidate_id"]].sort_values("pass_index")
    expected = [
        ", ".join(f"{answer:.0f}" for answer in rows["agreement"]) for _, rows in given.groupby("participant_id")
    ]
    cells = page.locator("#rounds .statements article").first.locator("table tbody tr")
    agreement = (
        page.locator("#rounds .statements article").first.locator("thead th").all_inner_texts().index("agreement")
    )
    assert [line.locator("th, td").nth(agreement).inner_text() for line in cells.all()] == expected


def test_truth_can_be_put_away(study, open_page):
    page = open_page(study[1])
    open_round(page)
    assert page.locator("#rounds div.truth").first.is_visible()
    assert "; true agreement" in shown(page, "#rounds .statements")
    page.get_by_label("Show the truth").uncheck()
    assert not page.locator("#rounds div.truth").first.is_visible()
    assert "tru" not in " ".join(page.locator("#rounds .statements :is(caption, thead)").all_inner_texts())


def test_what_was_not_opened_is_not_printed(study, open_page):
    page = open_page(study[1])
    page.emulate_media(media="print")
    assert not page.locator("#replay, #rounds").first.is_visible()
    page.emulate_media(media="screen")
    open_round(page)
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="Every round").is_visible()
    assert not page.get_by_text("Utilities and welfare of every candidate").first.is_visible(), "it has no contents yet"


def test_a_session_is_scrubbed_by_keyboard_and_mouse_and_played(study, open_page):
    page = open_page(study[1])
    page.locator("#replay").scroll_into_view_if_needed()
    page.wait_for_selector("#replay .track .bar")
    clock = page.locator("[data-replay=clock]")
    assert clock.inner_text().startswith("0:00 of ")
    page.get_by_label("Time in the session").press("ArrowRight")
    assert clock.inner_text().startswith("0:01 of ")
    box = page.locator("[data-replay=lanes]").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    halfway = page.locator("[data-replay=time]").evaluate("slider => slider.value / slider.max")
    assert halfway == pytest.approx(0.5, abs=0.01)
    assert "Round" in shown(page, "[data-replay=now]")
    page.get_by_role("button", name="Play").press("Enter")
    page.select_option("[data-replay=speed]", "240")  # while it is played
    page.wait_for_function("document.querySelector('[data-replay=play]').textContent === 'Play'", timeout=15_000)
    assert "has finished" in shown(page, "[data-replay=now]")
    page.locator("#replay [data-replay=after]").click()
    page.wait_for_function("document.querySelector('[data-replay=session]').selectedIndex === 1")
    assert clock.inner_text().startswith("0:00 of ")


def test_a_link_in_the_replay_opens_its_round(study, open_page):
    page = open_page(study[1])
    page.locator("#replay").scroll_into_view_if_needed()
    page.wait_for_selector("#replay .track .bar")
    page.get_by_label("Time in the session").press("End")
    page.get_by_role("link", name="Open this round").click()
    page.wait_for_function("document.querySelector('[data-round=choice]').selectedIndex === 1")
    assert page.evaluate("document.activeElement.id") == "rounds-head"


@pytest.mark.parametrize("name", ["ratings", "screens", "candidates", "truth/appraisals"])
def test_a_table_is_saved_as_it_was_recorded(study, open_page, name):
    run, path = study
    page = open_page(path)
    with page.expect_download() as saved:
        page.get_by_role("button", name=f"{name} as CSV", exact=True).click()
    text = saved.value.path().read_text(encoding="utf-8")
    made = pd.read_csv(io.StringIO(text, newline=""), keep_default_na=False, na_values=[""])
    recorded = run.truth(name.removeprefix("truth/")) if "/" in name else run.frame(name)
    order = [c for c in ("participant_id", "candidate_id", "entered_at", "pass_index") if c in recorded]
    made, recorded = (frame.sort_values(order, ignore_index=True) for frame in (made, recorded))
    assert list(made.columns) == list(recorded.columns)
    for column in recorded:
        if pd.api.types.is_float_dtype(recorded[column]):
            assert made[column].to_numpy(float) == pytest.approx(
                recorded[column].to_numpy(float), abs=0.006, nan_ok=True
            )
        elif column != "opinion_ids":
            assert made[column].astype(str).tolist() == recorded[column].astype(str).tolist()


@pytest.mark.parametrize("width", [1400, 800, 420])
def test_nothing_is_cut_off_at_any_width(study, open_page, width):
    page = open_page(study[1], width=width)
    open_round(page)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER) == []


@pytest.fixture(scope="module")
def both(study, make_scenario, tmp_path_factory):
    """A second run with one mediator of the first and one of its own, and the page of both."""
    folder = tmp_path_factory.mktemp("both")
    own = {**RERANKED, "arm": "plain", "scorer": "longest"}
    scenario = make_scenario(model=True, design=DESIGN, mediators=[SCRIPTED, own])
    other = simcons.run(
        scenario, out=folder / "other", engines={"m": ScriptedEngine(lambda request: "Yes. We all say so.")}
    )
    write_study_report([study[0], other], folder / "both.html")
    return other, folder / "both.html"


def picked(run, round_id, arm):
    """The text that an arm showed."""
    picks = run.frame("selections").query("round_id == @round_id and arm == @arm")
    texts = run.frame("candidates").set_index("candidate_id")["text"]
    return " ".join(visible(texts[picks["candidate_id"].iloc[0]]).split())


@pytest.mark.parametrize("width", [1400, 420])
def test_rounds_that_two_runs_share_stand_beside_each_other(study, both, open_page, width):
    """By mediator, where both have it; what each says is in its own column, or below the run's name on a narrow screen."""
    page = open_page(both[1], width=width)
    open_round(page)
    choice = page.locator("#rounds select[data-round=choice]")
    assert choice.locator("option").count() == len(study[0].rounds)
    first = study[0].rounds["round_id"][0]
    assert shown(page, "#rounds h3") == study[0].rounds["question"][0]
    assert page.locator("#rounds h5", has_text="Mediators of one run alone").count() == 1
    rows = page.locator("#rounds .beside:not(.heads)").filter(has=page.locator("article"))
    expected = (("scripted", "scripted"), ("model", "model"), ("reranked", "plain"))
    for row, arms in zip(rows.all(), expected, strict=True):
        for cell, run, arm in zip(row.locator("> div").all(), (study[0], both[0]), arms, strict=True):
            assert picked(run, first, arm) in " ".join(cell.inner_text().split())
            assert cell.locator(".run").is_visible() == (width < 600)
    open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#rounds [data-round=after]").click()
    page.wait_for_function(
        "q => document.querySelector('#rounds h3').textContent === q", arg=study[0].rounds["question"][1]
    )


def test_one_run_of_two_is_read_in_full(study, both, open_page):
    page = open_page(both[1])
    open_round(page)
    page.get_by_role("link", name="in full").nth(1).click()
    page.wait_for_function("document.querySelector('#rounds [data-run]').value === '1'")
    page.wait_for_function("document.querySelectorAll('#rounds article').length > 0")
    assert page.locator("#rounds .beside").count() == 0
    assert "plain" in shown(page, "#rounds .selection")
    page.locator("#rounds [data-run]").select_option("beside")
    page.wait_for_function("document.querySelectorAll('#rounds .beside').length > 0")
    assert page.locator("#tables h3").all_inner_texts() == ["run", "other"]


def test_people_of_one_run_alone_are_not_taken_for_others_of_the_same_number(make_scenario, open_page, tmp_path):
    (tmp_path / "one.txt").write_text("Should voting be compulsory?")
    asked = {"kind": "file", "path": str(tmp_path / "one.txt")}
    runs = [
        simcons.run(
            make_scenario(design={"groups": 1, "rounds": 1}, questions=asked, seed=seed), out=tmp_path / f"run-{seed}"
        )
        for seed in (1, 2)
    ]
    write_study_report(runs, tmp_path / "both.html")
    page = open_page(tmp_path / "both.html")
    open_round(page)
    assert page.get_by_role("heading", name="People of one run alone").count() == 1
    assert page.get_by_text("Not in this group.").count() == 0
    for label in ("run-1", "run-2"):
        people = page.locator("#rounds .beside").first.get_by_role("group", name=label).locator("h4")
        assert len(people.all()) == 5


def test_settings_in_which_runs_differ_are_told(both, open_page):
    page = open_page(both[1])
    open_all(page)
    table = page.get_by_role("region", name="Settings in which the runs differ")
    rows = [line.split("\t") for line in table.locator("tbody").inner_text().splitlines()]
    assert rows == [["mediators.reranked", "in this run", "–"], ["mediators.plain", "–", "in this run"]]
