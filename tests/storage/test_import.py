"""Studies of people read into run folders: what becomes of their columns, what is refused, and who takes the runs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from people_in_tables import ARMS, MAPPING, N_MEMBERS, change_csv, mapping_file, write_people

import simcons
from simcons.analysis.analyse import analyse
from simcons.analysis.round_in_full import round_in_full
from simcons.errors import InputError, RunFolderError, SimconsError
from simcons.export.run import export_run
from simcons.report.imported import imported_sentences
from simcons.report.study.write import write_study_report
from simcons.scenario.mapping import AnswerSettings, load_mapping
from simcons.storage.imported.write import import_study
from simcons.training.data.build import build
from simcons.training.data.settings import DataSettings

N_GROUPS = 8


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = write_people(tmp_path_factory.mktemp("street"))
    import_study(folder, mapping_file(folder), folder / "run")
    return simcons.load(folder / "run")


@pytest.fixture
def street(tmp_path):
    return write_people(tmp_path / "street")


def imported(folder: Path, **changes):
    import_study(folder, mapping_file(folder, **changes), folder / "run")
    return simcons.load(folder / "run")


def refused(folder: Path, **changes) -> list[str]:
    """What is said of a folder that cannot be used, less the folder's name."""
    with pytest.raises(SimconsError) as error:
        imported(folder, **changes)
    assert not (folder / "run").exists()
    return told(error.value, folder)


def told(error: SimconsError, folder: Path) -> list[str]:
    """The lines of an error, without the folder's name."""
    lines = getattr(error, "problems", None) or (str(error),)
    return [line.replace(f"{folder}/", "") for line in lines]


def test_tables_are_those_of_a_run(run):
    assert len(run.participants) == N_GROUPS * N_MEMBERS
    assert run.sessions["group_size"].tolist() == [N_MEMBERS] * N_GROUPS
    assert set(run.selections["arm"]) == set(ARMS)
    assert run.rounds["position_statement"][0] == "We should do 0."
    assert run.opinions["seconds"][0] == 30
    assert run.candidates["opinion_ids"][0].tolist() == ["g00o0", "g00o1", "g00o2"]
    assert run.first_positions["rating"].tolist()[:3] == [2, 4, 6]


def test_attributes_and_further_scales_are_kept_beside_the_others(run):
    assert set(run.participants["party"]) == {"green"}
    assert run.participants["age"].tolist()[:3] == [16, 36, 56]
    assert set(run.ratings["clear"]) == {0, 5}
    assert run.scales == ("agreement", "quality")


def test_five_points_are_spread_over_seven_and_kept(run):
    # of careful statements people give 3, 4 and 5 of 5
    ratings = run.ratings[["agreement_given", "agreement"]].drop_duplicates().sort_values("agreement")
    assert ratings.to_numpy().tolist() == [[1, 1], [2, 2], [3, 4], [4, 6], [5, 7]]


def test_what_the_source_lacks_is_missing_and_said(run):
    assert run.ratings["seconds"].isna().all()
    lacks = run.imported["lacks"]
    assert "seconds" in lacks["ratings"]
    assert "region" in lacks["participants"]
    told = " ".join(imported_sentences(run))
    assert "made up for tests" in told
    assert "agreement: the source's agrees, 1 to 5, as 1, 2, 4, 6, 7" in told
    assert "region" in told


@pytest.mark.parametrize(
    ("points", "given", "became"),
    [((1, 5), [1, 2, 3, 4, 5], [1, 2, 4, 6, 7]), ((0, 10), [0, 5, 10, 1], [1, 4, 7, 2]), ((1, 2), [1, 2], [1, 7])],
)
def test_points_are_spread_alike_on_both_sides_of_the_middle(points, given, became):
    scale = AnswerSettings.model_validate({"column": "x", "points": points, "as": "spread"})
    assert [scale.to_run(point) for point in given] == became
    low, high = points
    assert [8 - scale.to_run(low + high - point) for point in given] == became


def test_a_scale_beyond_seven_points_must_be_spread(street):
    agreement = {"column": "agrees", "points": [0, 10]}
    (line,) = refused(street, ratings=MAPPING["ratings"] | {"scales": {"agreement": agreement}})
    assert "scales.agreement.as: expected spread" in line


def test_a_scale_as_given_stays(street):
    agreement = {"column": "agrees", "points": [1, 5]}
    run = imported(street, ratings=MAPPING["ratings"] | {"scales": {"agreement": agreement}})
    assert sorted(set(run.ratings["agreement"])) == [1, 2, 3, 4, 5]
    assert any("does not hold of it" in line for line in imported_sentences(run))


def test_an_arm_that_is_agreed_with_more_is_found(run):
    differences = analyse(run, only=["arm_differences"])["arm_differences"]
    (row,) = differences.where(scale="agreement", measure="mean", subset="all").rows
    # careful: 4, 6, 7; plain: 1, 2, 4
    assert (row.keys["arm"], row.keys["against"]) == ("careful", "plain")
    assert row.estimate.value == pytest.approx(10 / 3)
    assert row.n == N_GROUPS


def test_the_page_and_the_export_say_that_people_answered(run, tmp_path):
    write_study_report([run], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "People's answers, imported" in page or "People&#39;s answers, imported" in page
    assert "synthetic" not in page.split("<script")[0]
    assert "The answers are people" in page
    export_run(run, tmp_path / "csv", form="csv")
    about = json.loads((tmp_path / "csv" / "about.json").read_text(encoding="utf-8"))
    assert "synthetic" not in about
    assert about["imported"]["source"] == "made up for tests"
    export_run(run, tmp_path / "alpaca", form="alpacaeval")
    board = pd.read_csv(tmp_path / "alpaca" / "leaderboard.csv")
    assert board["win_rate"].tolist() == [0.0]  # of plain against careful


def test_a_run_can_be_shown(run):
    shown = round_in_full(run)
    assert [voice.who for voice in shown.voices] == ["man, 16", "woman, 36", "woman, 56"]
    assert shown.statements[0].arm == "careful"


def test_training_data_is_made_of_people_as_of_simulated_ones(run):
    built = build([run.folder], DataSettings(sft_rule="quality >= 6", least=1))
    learn = built.data.learn
    assert {example.chosen.split()[1] for example in learn.comparisons} == {"careful"}
    assert len(learn.sft) + len(built.data.validation.sft) == N_GROUPS * 2  # one good statement an arm
    assert {example.rating for example in learn.ratings} <= {1, 2, 4, 6, 7}


# --- comparisons ---


def compared(street: Path, *parts, **changes):
    """A study in which everybody rated one statement, and compared it with another. parts: of a list, what each changes."""
    ratings = pd.read_csv(street / "ratings.csv")
    firsts = ratings[ratings["no"].str.endswith("plain0")]
    pairs = firsts.assign(other=firsts["no"].str.replace("plain0", "careful0"), better=[2, 2, 1] * N_GROUPS)
    pairs.to_csv(street / "pairs.csv", index=False)
    firsts.to_csv(street / "ratings.csv", index=False)
    where = {"file": "pairs.csv", "rater": "who", "question": "key", "group": "table_no"}
    asked = {"first": "no", "second": "other", "answer": "better", "prefer_first": [1], "prefer_second": [2]}
    comparisons = where | asked | changes
    return imported(street, comparisons=[comparisons | part for part in parts] or comparisons)


def test_comparisons_become_ranks_and_are_learnt_from(street):
    run = compared(street)
    assert run.rankings.head(4)["rank"].tolist() == [2, 1, 2, 1]
    built = build([run.folder], DataSettings(sft_rule="agreement >= 1", least=1))
    chosen = [example.chosen.split()[1] for side in built.data.sides().values() for example in side.comparisons]
    assert (chosen.count("careful"), chosen.count("plain")) == (2 * N_GROUPS, N_GROUPS)


def test_without_opinions_behind_statements_there_is_no_writing_to_learn(street):
    statements = {name: column for name, column in MAPPING["statements"].items() if name != "made_from"}
    built = build([imported(street, statements=statements).folder], DataSettings(least=1))
    assert built.data.learn.sft == ()
    assert built.data.learn.comparisons


def test_an_answer_to_a_comparison_that_is_not_mapped(street):
    with pytest.raises(InputError) as error:
        compared(street, prefer_first=[7])
    lines = told(error.value, street)
    assert lines[0] == "pairs.csv: row 3: better '1': expected one of 7, 2"
    assert len(lines) == N_GROUPS


def test_answers_that_mean_something_else_in_some_rows(street):
    """Of the same answers, 2 stands for the second statement at six tables, and for a tie at the others."""
    tables = sorted(pd.read_csv(street / "ratings.csv")["table_no"].unique())
    parts = [{"where": {"table_no": tables[:6]}}, {"where": {"table_no": tables[6:]}, "prefer_second": [9], "tie": [2]}]
    ranks = compared(street, *parts).rankings.groupby("round_id")["rank"].apply(list)
    assert [ranks.iloc[0], ranks.iloc[-1]] == [[2, 1, 2, 1, 1, 2], [1, 1, 1, 1, 1, 2]]


def test_a_comparison_that_two_parts_have(street):
    with pytest.raises(InputError) as error:
        compared(street, {}, {"where": {"who": "g00p0"}})
    (line,) = told(error.value, street)
    assert line == "pairs.csv: row 1: rater 'g00p0' and 'q0': in comparisons before comparisons.1: expected once"


# --- groups that nobody knows ---


def test_without_groups_everybody_is_alone(street):
    alone = {
        name: {k: v for k, v in part.items() if k != "group"}
        for name, part in MAPPING.items()
        if isinstance(part, dict)
    }
    run = imported(street, **alone)
    assert set(run.sessions["group_size"]) == {1}
    assert run.candidates["candidate_id"].is_unique  # one statement is shown to three people who did not meet
    assert run.candidates["source_id"].nunique() == len(run.candidates) / N_MEMBERS
    assert imported_sentences(run)


def test_groups_are_of_all_parts_or_of_none(street):
    (line,) = refused(street, positions={**MAPPING["positions"], "group": None})
    assert line == "mapping.yaml: line 37: positions.group: missing: expected a column, as other parts have one"


GROUPS_OF_PEOPLE = {name: {**MAPPING[name], "group": None} for name in ("opinions", "positions", "ratings")}


def test_groups_may_stand_in_the_table_of_people_alone(street, run):
    assert imported(street, **GROUPS_OF_PEOPLE).rounds["session_id"].tolist() == run.rounds["session_id"].tolist()


def test_a_rater_whose_group_nobody_knows(street):
    change_csv(street / "people.csv", 24, who="nobody")
    first = "opinions.csv: row 24: rater 'g31p2' is of no group: expected one in people.csv"
    assert refused(street, **GROUPS_OF_PEOPLE)[0] == first


# --- what cannot be used ---


@pytest.mark.parametrize(
    ("file", "row", "cells", "said"),
    [
        ("ratings.csv", 5, {"agrees": 6}, "ratings.csv: row 5: agrees '6': expected a whole number from 1 to 5"),
        ("ratings.csv", 5, {"agrees": 2.5}, "ratings.csv: row 5: agrees '2.5': expected a whole number from 1 to 5"),
        (
            "ratings.csv",
            1,
            {"good": "great"},
            "ratings.csv: row 1: good 'great': expected a whole number from 1 to 7 or one of poor, fair, fine",
        ),
        (
            "ratings.csv",
            2,
            {"no": "nowhere"},
            "ratings.csv: row 2: no 'nowhere': expected a statement of statements.jsonl",
        ),
        ("ratings.csv", 2, {"who": ""}, "ratings.csv: row 2: who is empty: expected an id"),
        (
            "ratings.csv",
            97,
            {},
            "ratings.csv: row 97: who 'g31p2', key 'q3', no 'g31careful1', pass 1: given before, in row 96: expected once",
        ),
        ("people.csv", 2, {"years": "old"}, "people.csv: row 2: years 'old': expected an age in whole years"),
        ("opinions.csv", 1, {"took": "-5"}, "opinions.csv: row 1: took '-5': expected seconds, 0 or more"),
        ("opinions.csv", 1, {"took": "a minute"}, "opinions.csv: row 1: took 'a minute': expected seconds, 0 or more"),
    ],
)
def test_a_row_that_cannot_be_used_is_a_line(street, file, row, cells, said):
    change_csv(street / file, row, **cells)
    assert refused(street) == [said]


@pytest.mark.parametrize(
    ("file", "row", "cells", "said"),
    [
        (
            "opinions.csv",
            1,
            {"table_no": "g99"},
            "opinions.csv: row 1: rater 'g00p0' is of group 'g99', and of 'g00' before: expected one group"
            " (who meets twice needs two ids)",
        ),
        (
            "opinions.csv",
            2,
            {"opinion_no": "g00o0"},
            "opinions.csv: row 2: opinion_no 'g00o0': is of an opinion before: expected one of its own",
        ),
        ("questions.csv", 4, {"key": "q9"}, "opinions.csv: row 19: key 'q3': expected a question of questions.csv"),
    ],
)
def test_rows_that_contradict_another_part(street, file, row, cells, said):
    change_csv(street / file, row, **cells)
    assert refused(street)[0] == said


@pytest.mark.parametrize(
    ("key", "cell", "said"),
    [
        ("pass", 3, "ratings.csv: row 1: extra '3': expected 1 or 2"),
        ("pass", "", "ratings.csv: row 1: extra is empty: expected 1 or 2"),
        ("rank", "best", "ratings.csv: row 1: extra 'best': expected a number"),
    ],
)
def test_passes_and_ranks_that_are_none(street, key, cell, said):
    ratings = pd.read_csv(street / "ratings.csv").assign(extra=1).astype({"extra": object})
    ratings.loc[0, "extra"] = cell
    ratings.to_csv(street / "ratings.csv", index=False)
    assert refused(street, ratings=MAPPING["ratings"] | {key: "extra"}) == [said]


def test_what_a_statement_is_made_from_is_a_list(street):
    statements = [json.loads(line) for line in (street / "statements.jsonl").read_text(encoding="utf-8").splitlines()]
    statements[0]["of"] = "g00o0"
    lines = "".join(f"{json.dumps(row)}\n" for row in statements)
    (street / "statements.jsonl").write_text(lines, encoding="utf-8")
    assert refused(street) == ["statements.jsonl: row 1: of 'g00o0': expected a list of ids of opinions"]


@pytest.mark.parametrize(("name", "part"), [("opinions", "opinions"), ("ratings", "ratings")])
def test_a_table_with_a_header_alone(street, name, part):
    path = street / f"{name}.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    assert refused(street) == [f"{name}.csv: has no rows: expected some {part}"]


def test_ratings_all_of_which_are_empty(street):
    empty = pd.read_csv(street / "ratings.csv").assign(agrees=None, good=None, clear=None)
    empty.to_csv(street / "ratings.csv", index=False)
    (line,) = refused(street)
    assert line.endswith("no rating is left that can be used: expected some")


def test_an_empty_opinion_leaves_its_writer_without_one(street):
    change_csv(street / "opinions.csv", 1, words=" ")
    lines = refused(street)
    assert lines[0] == "opinions.csv: row 1: words is empty: expected a text"
    assert lines[1] == "ratings.csv: row 1: rater 'g00p0' has no opinion on 'q0': expected one in opinions.csv"


def test_unusable_rows_are_left_out_and_counted_where_the_mapping_says_so(street):
    change_csv(street / "opinions.csv", 1, words="")
    change_csv(street / "ratings.csv", 90, agrees=9)
    run = imported(street, unusable="leave_out")
    assert run.imported["left_out"] == {
        "opinions": {"empty text": 1},
        "ratings": {"agreement off the scale": 1, "without an opinion": 4},
    }
    assert "Left out of ratings: 1 (agreement off the scale) and 4 (without an opinion)." in imported_sentences(run)


def test_a_cell_that_only_describes_its_row_costs_the_cell(street):
    change_csv(street / "opinions.csv", 1, took="-5")
    change_csv(street / "people.csv", 1, years="18-24")
    run = imported(street, unusable="leave_out")
    assert run.imported["left_out"] == {
        "people": {"age, of rows that stay": 1},
        "opinions": {"seconds, of rows that stay": 1},
    }
    assert run.opinions["seconds"].isna().tolist()[:2] == [True, False]
    assert run.participants[["age", "sex"]].isna().to_numpy().tolist()[0] == [True, False]


def test_words_for_nothing_are_nothing_in_every_column(street):
    change_csv(street / "people.csv", 1, years="NA", votes="Prefer not to say")
    change_csv(street / "ratings.csv", 1, clear="NA")
    run = imported(street, none=["NA", "Prefer not to say"])
    assert run.participants[["age", "party"]].isna().all(axis=1).sum() == 1
    assert run.ratings["clear"].isna().sum() == 1


def test_many_rows_are_a_few_lines_and_a_count(street):
    for row in range(1, 21):
        change_csv(street / "ratings.csv", row, agrees=0)
    lines = refused(street, most_problems=3)
    assert lines[-1] == "and 17 more rows"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"opinions": {**MAPPING["opinions"], "text": "word"}},
            "opinions.csv: no column 'word', which the mapping's opinions.text names: did you mean words?",
        ),
        (
            {"opinions": {**MAPPING["opinions"], "file": "opinion.csv"}},
            "opinion.csv: no such file, which the mapping names: expected it in the folder",
        ),
        (
            {"ratings": {**MAPPING["ratings"], "scales": {"quality": {"column": "good"}}}},
            "mapping.yaml: line 40: ratings: scales: expected agreement among them, as statements are compared by it",
        ),
        (
            {"people": {**MAPPING["people"], "attributes": {"outcome": "votes"}}},
            "mapping.yaml: line 5: people: attributes.outcome: participants have a column of this name: expected another",
        ),
        (
            {
                "ratings": {
                    **MAPPING["ratings"],
                    "scales": {"agreement": {"column": "agrees"}, "seconds": {"column": "good"}},
                }
            },
            "mapping.yaml: line 40: ratings: scales.seconds: ratings have a column of this name: expected another",
        ),
        (
            {"ratings": {**MAPPING["ratings"], "scales": {"agreement": {"column": "agrees", "points": [0, 10**9]}}}},
            "mapping.yaml: line 47: ratings.scales.agreement: points 0, 1000000000: expected at most 1,001 points",
        ),
        (
            {"questions": {**MAPPING["questions"], "split": "theme"}},
            "mapping.yaml: line 13: questions: split and splits: expected both, the column and what its values are, or neither",
        ),
    ],
)
def test_a_mapping_that_does_not_fit_is_a_line(street, changes, said):
    assert refused(street, **changes) == [said]


def test_a_folder_that_holds_something_is_not_written_to(street):
    with pytest.raises(RunFolderError, match="is not empty"):
        import_study(street, mapping_file(street), street)


# --- shipped mappings ---


def habermas(folder: Path) -> Path:
    """Tables of the published form with two groups, made up."""
    ids = [f"c{k}" for k in range(3)]
    rows = [
        {
            "launch_id": f"l{group}",
            "iteration_index": iteration,
            "worker_id": None if group else "w",
            "metadata.participant_id": f"l{group}p{i}",
            "metadata.status": "COMPLETED",
            "metadata.version": "TRAINING_DATA_V1",
            "question.id": f"S{group}",
            "question.text": "Should we?",
            "question.affirming_statement": "We should.",
            "question.topic": group,
            "question.split": "TRAIN",
            "own_opinion.text": f"Me, {i}.",
            "own_opinion.metadata.id": f"l{group}o{i}",
            "own_opinion.metadata.provenance": "HUMAN_CITIZEN",
            "own_opinion.metadata.response_duration": 60.0,
            "candidates.metadata.id": [f"l{group}{name}" for name in ids],
            "candidates.metadata.provenance": ["MODEL_MEDIATOR", "MODEL_MEDIATOR", "MOCK"],
            "candidates.metadata.generative_model.template_name": ["one", "two", "one"],
            "candidates.text": [f"Text {name}." for name in ids],
            "candidates.parent_statement_ids": [[f"l{group}o0", f"l{group}o1"]] * 3,
            "ratings.agreement": ["AGREE", "NEUTRAL", "MOCK"],
            "ratings.quality": ["GOOD_QUALITY", "NEUTRAL", "MOCK"],
            "rankings.numerical_ranks": [0, 0, -1],
        }
        for group in range(2)
        for i in range(2)
        for iteration in range(2)
    ]
    positions = [
        {
            "launch_id": row["launch_id"],
            "metadata.participant_id": row["metadata.participant_id"],
            "metadata.response_duration": 4.0,
            "question.id": row["question.id"],
            "rating_index": moment,
            "ratings.agreement": ["DISAGREE"],
        }
        for row in rows[::2]
        for moment in (0, 1)
    ]
    folder.mkdir()
    pd.DataFrame(rows).to_parquet(folder / "hm_all_candidate_comparisons.parquet")
    pd.DataFrame(positions).to_parquet(folder / "hm_all_position_statement_ratings.parquet")
    return folder


def test_the_tables_of_the_habermas_machine(tmp_path):
    import_study(habermas(tmp_path / "hm"), "habermas", tmp_path / "run")
    run = simcons.load(tmp_path / "run")
    assert len(run.participants) == 4
    assert run.ratings["agreement"].tolist() == [6, 4] * 4
    assert run.rankings["rank"].tolist() == [1, 1] * 4  # a shared first place
    assert run.positions["moment"].value_counts().to_dict() == {"before": 4, "after": 4}
    assert run.candidates["generator"].tolist()[:2] == ["one", "two"]
    assert run.candidates["opinion_ids"][0].tolist() == ["l0o0", "l0o1"]
    assert set(run.rounds["split"]) == {"train"}
    assert run.imported["left_out"] == {}


def test_answers_of_both_pools_of_the_deliberation_raters(tmp_path):
    """Pool full has two answers, 1 and 2; full_augment has five, and 3 is a tie."""
    pools = ["full", "full", *["full_augment"] * 5]
    answers = [1, 2, 1, 2, 3, 4, 5]
    texts = {name: f"Text {name}." for name in "ab"}
    raters = pd.DataFrame({"rater": [f"r{k}" for k in range(7)], "pool": pools, "preferred_represented": answers})
    shared = {"question": "Why?", "opinion": "So.", "summary_id": "a", "compared_a": "a", "compared_b": "b"}
    points = dict.fromkeys(["approve", "represented", "informative", "neutral"], 3)
    seconds = dict.fromkeys(["opinion_seconds", "rating_seconds", "comparison_seconds"], 9)
    raters.assign(**shared, **points, **seconds).to_parquet(tmp_path / "raters.parquet")
    summaries = pd.DataFrame({"summary_id": texts.keys(), "text": texts.values(), "writer": "model"})
    summaries.to_parquet(tmp_path / "summaries.parquet")
    import_study(tmp_path, "deliberation_people", tmp_path / "run")
    ranks = simcons.load(tmp_path / "run").rankings.pivot(index="participant_id", columns="place", values="rank")
    assert (ranks[2] - ranks[1]).tolist() == [1, -1, 1, 1, 0, -1, -1]


def test_every_shipped_mapping_can_be_read():
    for name in ("deliberation_people", "habermas"):
        assert load_mapping(name)[0].name == name
