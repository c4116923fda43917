"""Runs in the forms of other tools, each read back with the tool itself where it is installed."""

from __future__ import annotations

import csv
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from simcons.errors import InputError, MissingPackage, TrainingDataError
from simcons.export.run import export_run
from simcons.storage.spreadsheet import as_plain_text

GENERATOR = {"kind": "scripted", "samples": 4}
ARMS = [
    {"arm": "first", "generator": GENERATOR, "scorer": "none"},
    {"arm": "second", "generator": GENERATOR, "scorer": "reader", "welfare": {"alpha": 0}, "select": 2},
]


@pytest.fixture(scope="module")
def run(simulate):
    return simulate(design={"groups": 3, "rounds": 2}, mediators=ARMS).run


# --- tables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_ratings_are_joined_with_all_that_is_known_of_them(run, tmp_path, form) -> None:
    written = export_run(run, tmp_path / "out", form=form)
    path = tmp_path / "out" / f"ratings_by_arm.{form}"
    assert path in written
    read = pd.read_csv(path) if form == "csv" else pd.read_parquet(path)
    keys = ["round_id", "participant_id", "candidate_id", "pass_index", "arm"]
    expected = run.ratings_by_arm.sort_values(keys, ignore_index=True)
    read = read.sort_values(keys, ignore_index=True)
    assert len(read) == len(expected) > 0
    for name in (*keys, "agreement", "n_arms", "omitted"):
        assert read[name].tolist() == expected[name].tolist(), name
    texts = run.candidates.set_index("candidate_id")["text"]
    assert read["statement"].tolist() == texts.loc[read["candidate_id"]].tolist()
    ages = run.participants.set_index("participant_id")["age"]
    assert read["age"].tolist() == ages.loc[read["participant_id"]].tolist()


def test_predictions_and_positions_stand_beside_ratings(run, tmp_path) -> None:
    export_run(run, tmp_path / "out", form="parquet")
    read = pd.read_parquet(tmp_path / "out" / "ratings_by_arm.parquet")
    scores = run.scores.set_index(["candidate_id", "participant_id"])["score"].to_dict()
    pairs = zip(read["candidate_id"], read["participant_id"], strict=True)
    expected = [scores.get(pair, np.nan) for pair in pairs]
    assert read["score_reader"].tolist() == pytest.approx(expected, nan_ok=True)
    positions = run.first_positions.set_index(["round_id", "participant_id"])["rating"].to_dict()
    where = zip(read["round_id"], read["participant_id"], strict=True)
    assert read["position"].tolist() == pytest.approx([positions.get(pair, np.nan) for pair in where], nan_ok=True)


def test_every_column_of_joined_ratings_is_explained(run, tmp_path) -> None:
    export_run(run, tmp_path / "out", form="csv")
    with (tmp_path / "out" / "ratings_by_arm.csv").open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    lines = (tmp_path / "out" / "ratings_by_arm.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == header


def test_no_text_of_a_table_is_a_formula_and_all_can_be_had_back() -> None:
    texts = ["=1+1", "+44", "-2 people", "@SUM(A1)", "\tx", "'quoted'", "plain - text", "", None, "＝1", "1=1"]
    plain = as_plain_text(pa.table({"text": texts, "number": range(len(texts))}))["text"].to_pylist()
    assert plain == ["'=1+1", "'+44", "'-2 people", "'@SUM(A1)", "'\tx", "''quoted'", *texts[6:9], "'＝1", "1=1"]
    assert [text and text.removeprefix("'") for text in plain] == texts


# --- AlpacaEval ----------------------------------------------------------------------------------------------------


def annotations(folder):
    return json.loads((folder / "second" / "annotations.json").read_text(encoding="utf-8"))


def test_preferences_are_those_of_peoples_ratings(run, tmp_path) -> None:
    export_run(run, tmp_path / "out", form="alpacaeval")
    agreement = run.ratings.groupby(["candidate_id", "participant_id"])["agreement"].mean()
    texts = run.candidates.set_index("candidate_id")["text"]
    picked = run.selections[run.selections["pick"] == 1].set_index(["round_id", "arm"])["candidate_id"]
    rows = annotations(tmp_path / "out")
    assert len(rows) > 0
    for row in rows:
        first, second = (picked[row["round_id"], arm] for arm in ("first", "second"))
        assert (row["output_1"], row["output_2"]) == (texts[first], texts[second])
        lead = agreement[second, row["annotator"]] - agreement[first, row["annotator"]]
        assert row["preference"] == (1.5 if lead == 0 else 2 if lead > 0 else 1)


def test_the_leaderboard_is_that_of_its_annotations(run, tmp_path) -> None:
    """Win rate and standard error as alpaca_eval defines them: mean and standard error of the mean of preference - 1."""
    export_run(run, tmp_path / "out", form="alpacaeval")
    board = pd.read_csv(tmp_path / "out" / "leaderboard.csv", index_col=0)
    wins = pd.Series([row["preference"] for row in annotations(tmp_path / "out")]) - 1
    assert list(board.index) == ["second"]
    assert board.loc["second", "win_rate"] == pytest.approx(100 * wins.mean())
    assert board.loc["second", "standard_error"] == pytest.approx(100 * wins.std(ddof=1) / np.sqrt(len(wins)))
    counts = board.loc["second", ["n_wins", "n_wins_base", "n_draws", "n_total"]].tolist()
    assert counts == [(wins == 1).sum(), (wins == 0).sum(), (wins == 0.5).sum(), len(wins)]


def test_alpaca_eval_makes_the_same_leaderboard(run, tmp_path, tool) -> None:
    metrics = tool("alpaca_eval.metrics")
    export_run(run, tmp_path / "out", form="alpacaeval")
    board = pd.read_csv(tmp_path / "out" / "leaderboard.csv", index_col=0).loc["second"]
    theirs = metrics.get_winrate(annotations(tmp_path / "out"))
    for name in ("win_rate", "standard_error", "n_wins", "n_wins_base", "n_draws", "n_total"):
        assert board[name] == pytest.approx(theirs[name]), name


def test_held_against_the_other_arm_the_win_rate_is_the_rest(run, tmp_path) -> None:
    export_run(run, tmp_path / "a", form="alpacaeval", against="first")
    export_run(run, tmp_path / "b", form="alpacaeval", against="second")
    there, back = (pd.read_csv(tmp_path / name / "leaderboard.csv")["win_rate"][0] for name in "ab")
    assert there + back == pytest.approx(100)


# --- Inspect -------------------------------------------------------------------------------------------------------


def test_inspect_reads_its_logs(run, tmp_path, tool) -> None:
    log = tool("inspect_ai.log")
    [first, second] = export_run(run, tmp_path / "out", form="inspect")
    read = log.read_eval_log(str(second))
    assert (read.status, read.eval.model) == ("success", "simcons/second")
    picked = run.selections[run.selections["arm"] == "second"]
    assert len(read.samples) == len(picked)
    texts = run.candidates.set_index("candidate_id")["text"]
    agreement = run.ratings.groupby(["candidate_id", "participant_id"])["agreement"].mean()
    for sample in read.samples:
        candidate = sample.metadata["candidate_id"]
        assert sample.output.completion == texts[candidate]
        assert sample.scores["agreement"].value == pytest.approx(agreement[candidate].mean())
    shown = run.ratings[run.ratings["candidate_id"].isin(picked["candidate_id"])]
    means = {score.name: score.metrics["mean"].value for score in read.results.scores}
    by_person = shown.groupby(["candidate_id", "participant_id"])["agreement"].mean()
    assert means["agreement"] == pytest.approx(by_person.mean())
    assert log.read_eval_log(str(first)).eval.model == "simcons/first"


def test_inspect_finds_every_log_in_the_folder_and_its_samples_one_by_one(run, tmp_path, tool) -> None:
    log = tool("inspect_ai.log")
    export_run(run, tmp_path / "out", form="inspect")
    listed = log.list_eval_logs(str(tmp_path / "out"))
    assert sorted(info.task_id for info in listed) == ["test-first", "test-second"]
    began = pd.Timestamp(run.manifest["began_at"])
    for info in listed:
        assert pd.Timestamp(log.read_eval_log(info, header_only=True).eval.created) == began
    n_shown = sum(len(list(log.read_eval_log_samples(info))) for info in listed)
    assert n_shown == len(run.selections)


def test_without_inspect_a_line_says_what_to_install(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingPackage, match=r"'inspect-ai', which is not installed: pip install 'simcons\[export\]'"):
        export_run(run, tmp_path / "out", form="inspect")
    assert not (tmp_path / "out").exists()


# --- Hugging Face --------------------------------------------------------------------------------------------------


def test_data_sets_are_in_the_forms_of_trl(simulate, tmp_path, tool) -> None:
    datasets = tool("datasets")
    export_run(simulate(design={"groups": 6, "rounds": 2}, mediators=ARMS).run, tmp_path / "out", form="hf")
    comparisons = datasets.load_from_disk(str(tmp_path / "out" / "comparisons"))
    assert {"prompt", "chosen", "rejected"} <= set(comparisons["learn"].column_names)
    learnt = datasets.load_from_disk(str(tmp_path / "out" / "sft"))
    assert {"prompt", "completion"} <= set(learnt["learn"].column_names)


def test_trl_learns_from_its_data_sets_what_they_are_for(simulate, tmp_path, tool) -> None:
    """As its trainers prepare them: learnt of an example is the statement, and of a pair the one preferred is the chosen one."""
    trl = pytest.importorskip("trl", reason="not installed here: pip install 'simcons[train]'")
    datasets = tool("datasets")
    from simcons.training.sft_tokens import IGNORED
    from simcons.training.toy import toy_model

    export_run(simulate(design={"groups": 6, "rounds": 2}, mediators=ARMS).run, tmp_path / "out", form="hf")
    sft, comparisons = (
        datasets.load_from_disk(str(tmp_path / "out" / name))["learn"].select(range(3))
        for name in ("sft", "comparisons")
    )
    base, usual = str(toy_model(tmp_path / "base")), {"output_dir": str(tmp_path), "max_length": None, "use_cpu": True}
    trainer = trl.SFTTrainer(base, args=trl.SFTConfig(**usual, bf16=False), train_dataset=sft)
    decode = trainer.processing_class.decode
    for example, row in zip(sft, trainer.train_dataset, strict=True):
        learnt = [token for token in row["labels"] if token != IGNORED]
        assert example["completion"][0]["content"] in decode(learnt)
        assert example["prompt"][-1]["content"] in decode(row["input_ids"])
        assert example["prompt"][-1]["content"] not in decode(learnt)
    trainer = trl.RewardTrainer(base, args=trl.RewardConfig(**usual, bf16=False), train_dataset=comparisons)
    for pair, row in zip(comparisons, trainer.train_dataset, strict=True):
        for side in ("chosen", "rejected"):
            text = decode(row[f"{side}_ids"])
            assert pair["prompt"][-1]["content"] in text
            assert pair[side][-1]["content"] in text


# --- refused -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"form": "inspect", "truth": True}, "--truth: goes with --to csv or parquet, not inspect"),
        ({"form": "csv", "against": "first"}, "--against 'first': goes with --to alpacaeval, not csv"),
        (
            {"form": "alpacaeval", "against": "third"},
            "arm 'third': showed nothing in .*; expected one of first, second",
        ),
    ],
)
def test_options_of_another_form_are_refused(run, tmp_path, given, message) -> None:
    with pytest.raises(InputError, match=message):
        export_run(run, tmp_path / "out", **given)
    assert not (tmp_path / "out").exists()


def test_one_arm_has_no_leaderboard(simulate, tmp_path) -> None:
    alone = simulate(design={"groups": 1, "rounds": 1}, mediators=ARMS[:1]).run
    with pytest.raises(InputError, match="showed statements of one arm; expected two or more to compare"):
        export_run(alone, tmp_path / "out", form="alpacaeval")


def test_questions_kept_for_tests_are_not_exported_to_learn_from(simulate, tmp_path) -> None:
    questions = {"kind": "bank", "bank": "core", "split": "iid_test"}
    tested = simulate(design={"groups": 1, "rounds": 1}, questions=questions, mediators=ARMS).run
    with pytest.raises(TrainingDataError, match="split train"):
        export_run(tested, tmp_path / "out", form="hf")
