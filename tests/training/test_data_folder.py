"""A folder of training data: what is in it, that it loads back, and that only what people can record went into it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace

import pyarrow.parquet as pq
import pytest
from transformers import AutoTokenizer
from written_study import usual, write_study

from simcons.engines.base import Message
from simcons.engines.local.chat import prompt_tokens
from simcons.engines.local.models import local_folder, resolve_model
from simcons.engines.replies import beginning_of
from simcons.engines.scripted import ScriptedEngine, some_of_the_prompt
from simcons.errors import RunFolderError, TrainingDataError
from simcons.mediator.prompts import load_prompt
from simcons.scenario.shipped import find_prompt
from simcons.storage.load import Run
from simcons.training.data.build import build
from simcons.training.data.examples import TrainingData
from simcons.training.data.folder import load_training_data, read_card, save
from simcons.training.data.settings import DataSettings

SETTINGS = DataSettings(least=1, validation=0.2, ties="keep")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Four groups of two: 8 and 20 examples and comparisons, of which 4 ties, and 48 ratings; three groups to learn from."""
    return build([write_study(tmp_path_factory.mktemp("written") / "run", *map(usual, range(1, 5)))], SETTINGS)


@pytest.fixture(scope="module")
def saved(built, tmp_path_factory):
    folder = tmp_path_factory.mktemp("saved") / "data"
    save(built, folder)
    return folder


def contents(folder):
    """All files but the manifest, as they are on disk."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def data_set(folder, name):
    from datasets import load_from_disk

    return load_from_disk(str(folder / name))


# --- what is in it -----------------------------------------------------------------------------------------------


def test_examples_load_back(built, saved):
    assert load_training_data(saved) == built.data


def test_data_sets_have_trls_forms_row_for_row(built, saved):
    for side, examples in built.data.sides().items():
        comparisons = [c for c in examples.comparisons if not c.tie]
        assert data_set(saved, "comparisons")[side].to_list() == [
            {
                "prompt": [{"role": "system", "content": c.question}, {"role": "user", "content": c.opinion}],
                "chosen": [{"role": "assistant", "content": c.chosen}],
                "rejected": [{"role": "assistant", "content": c.rejected}],
            }
            for c in comparisons
        ]
        ties = data_set(saved, "ties")[side]
        assert ties.column_names == ["prompt", "first", "second"]
        assert len(ties) == len(examples.comparisons) - len(comparisons) > 0
        assert data_set(saved, "ratings")[side]["rating"][:] == [rated.rating for rated in examples.ratings]


def test_a_completion_is_the_whole_turn_of_the_assistant(built, saved):
    """The prompt's "We" is left to it: TRL closes the turn of a prompt that ends in the middle of one."""
    for side, examples in built.data.sides().items():
        for row, example in zip(data_set(saved, "sft")[side], examples.sft, strict=True):
            assert beginning_of(example.messages) == "We"
            assert row["prompt"] == [{"role": m.role, "content": m.content} for m in example.messages[:-1]]
            assert row["completion"] == [{"role": "assistant", "content": example.statement}]


@pytest.mark.model
def test_a_chat_template_makes_of_a_row_what_the_engine_reads(built, saved):
    """As TRL applies it to prompt and completion: the ids begin with those of the prompt, its "We" included."""
    tokenizer = AutoTokenizer.from_pretrained(local_folder(resolve_model("smollm2-135m-instruct")))
    examples = built.data.learn.sft
    for row, example in zip(data_set(saved, "sft")["learn"], examples, strict=True):
        if example.begins_as_asked:
            ids = tokenizer.apply_chat_template(row["prompt"] + row["completion"], return_dict=False)
            given = prompt_tokens(tokenizer, example.messages)
            assert tuple(ids[: len(given)]) == given
            assert tokenizer.decode(ids[len(given) :]) == " agree.<|im_end|>\n"


def test_a_bare_prompt_makes_plain_texts(tmp_path):
    prompt = tmp_path / "bare.md.j2"
    prompt.write_text(
        "{{ question }}\n{% for opinion in opinions %}- {{ opinion }}\n{% endfor %}Together:", encoding="utf-8"
    )
    run = write_study(tmp_path / "run", *map(usual, range(1, 5)))
    built = build([run], SETTINGS.model_copy(update={"prompt": str(prompt)}))
    save(built, tmp_path / "data")
    row = data_set(tmp_path / "data", "sft")["learn"][0]
    example = built.data.learn.sft[0]
    assert row["prompt"] == load_prompt(prompt)(example.question, example.opinions)[0].content
    assert row["prompt"].endswith("Together:")
    assert row["completion"] == f" {example.statement}"
    assert load_training_data(tmp_path / "data") == built.data


def test_without_ties_there_is_no_set_of_them(tmp_path):
    run = write_study(tmp_path / "run", *map(usual, range(1, 5)))
    save(build([run], SETTINGS.model_copy(update={"ties": "drop"})), tmp_path / "data")
    assert not (tmp_path / "data" / "ties").exists()


# --- the card ----------------------------------------------------------------------------------------------------


def test_the_card_counts(built, saved):
    card = read_card(saved)
    assert card["content"] == built.data.content_hash()
    assert card["settings"] == SETTINGS.model_dump()
    assert card["sides"]["learn"] == {
        "questions": 3, "groups": 3, "people": 6, "sft": 6, "comparisons": 15, "ties": 3, "ratings": 36,
        "positions": 6,
    }  # fmt: skip
    assert card["sides"]["validation"] == {
        "questions": 1, "groups": 1, "people": 2, "sft": 2, "comparisons": 5, "ties": 1, "ratings": 12,
        "positions": 2,
    }  # fmt: skip
    assert card["sft_statements"] == {"by_generator": {"arm": 6}, "begin_as_asked": 3, "composed_as_judged": 0}
    assert card["prompt"]["reply_begins"] == "We"
    (run,) = card["runs"]
    assert run["raters"] == {"reliable": 0, "unreliable": 0, "too_few_pairs_to_tell": 8}
    assert (run["folder"], run["name"], run["seed"]) == ("run", "written", 0)
    assert len(run["tables_sha256"]) == 64


def test_the_page_has_every_count(saved):
    card, page = read_card(saved), (saved / "README.md").read_text(encoding="utf-8")
    for filters in card["filters"].values():
        for name, n in filters.items():
            assert f"| {name} | {n} |" in page
    for question in card["held_out"]:
        assert f"* {question}\n" in page
    assert f"| comparisons | {15} | {5} |" in page
    assert "| sft_rule | quality >= 6 |" in page


# --- the same records, the same bytes ----------------------------------------------------------------------------


def poisoned(run, folder):
    """A copy of a run whose tables of truth are no tables."""
    shutil.copytree(run, folder)
    for path in (folder / "truth").iterdir():
        path.write_bytes(b"poison")
    return folder


@dataclass(frozen=True)
class Recorded:
    """A run, and every prompt that its mediators' model was given."""

    run: Run
    prompts: set[tuple[Message, ...]]


@pytest.fixture(scope="module")
def recorded(simulate):
    """A study of six groups with every kind of arm: scripted, a model's, and one that sees the truth."""
    oracle = {
        "arm": "oracle",
        "generator": {"kind": "scripted", "samples": 4, "skill": 0.5},
        "scorer": "oracle",
        "select": 1,
    }
    scripted = {"arm": "scripted", "generator": {"kind": "scripted", "samples": 3}, "select": 3}
    requests = []
    simulated = simulate(
        engine=ScriptedEngine(lambda request: requests.append(request) or some_of_the_prompt(request)),
        seed=5,
        questions={"kind": "bank", "split": "train"},
        design={"groups": 6, "rounds": 2, "omissions": [0, 4], "tolerated_losses": 0},
        mediators=[scripted, oracle],
        model=True,
    )
    return Recorded(simulated.run, {request.messages for request in requests})


STUDY = DataSettings(sft_rule="top 50% by quality within the study", least=1, validation=0.3)


def test_poison_in_the_truth_changes_no_byte(recorded, tmp_path):
    """Nor does when and where data is made: all but the manifest's date is the same."""
    whole, odd = recorded.run.folder, tmp_path / "elsewhere" / recorded.run.folder.name
    poisoned(whole, odd)
    for source, name in ((whole, "one"), (odd, "other")):
        save(build([source], STUDY), tmp_path / name)
    one, other = contents(tmp_path / "one"), contents(tmp_path / "other")
    assert len(one) > 15
    assert one == other
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("one", "other")]
    for manifest in manifests:
        del manifest["created_at"]
    assert manifests[0] == manifests[1]


def test_statements_of_arms_that_see_the_truth_are_not_used(recorded):
    data = build([recorded.run.folder], STUDY).data
    used = {rated.candidate_id for side in data.sides().values() for rated in side.ratings}
    picked = recorded.run.selections
    by_truth = set(picked.loc[picked["upper_bound"], "candidate_id"]) - set(
        picked.loc[~picked["upper_bound"], "candidate_id"]
    )
    shown = set(recorded.run.candidates.loc[recorded.run.candidates["shown"], "candidate_id"])
    assert by_truth & shown
    assert used
    assert used.isdisjoint(by_truth)


def test_messages_are_those_that_the_engine_was_sent(recorded):
    """Of one opinion there is one order, so the example's prompt is to the letter what was generated from."""
    data = build([recorded.run.folder], STUDY).data
    examples = [e for side in data.sides().values() for e in side.sft if e.generator == "model"]
    single = [example for example in examples if len(example.opinions) == 1]
    assert single
    assert all(example.messages in recorded.prompts for example in single)
    render = load_prompt(find_prompt("zero_shot"))
    assert all(example.messages == render(example.question, example.opinions) for example in examples)


# --- what is wrong with a folder ---------------------------------------------------------------------------------


def test_a_folder_that_is_not_empty_is_left_alone(built, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RunFolderError, match="is not empty; expected a new folder"):
        save(built, tmp_path)


def changed(saved, folder):
    shutil.copytree(saved, folder)
    return folder


def test_other_folders_are_refused(saved, tmp_path):
    with pytest.raises(
        TrainingDataError,
        match=r"nowhere/manifest.json: cannot be read: No such file .*; expected a folder made by simcons train data",
    ):
        load_training_data(tmp_path / "nowhere")
    damaged = changed(saved, tmp_path / "damaged")
    (damaged / "examples" / "sft.parquet").write_bytes(b"PAR1")
    with pytest.raises(TrainingDataError, match=r"sft.parquet: cannot be read as Parquet"):
        load_training_data(damaged)
    (damaged / "manifest.json").write_text('{"kind": "stress"}')
    with pytest.raises(TrainingDataError, match="is not a folder of training data"):
        load_training_data(damaged)
    (damaged / "manifest.json").write_text("{")
    with pytest.raises(TrainingDataError, match=r"manifest.json: is not JSON"):
        load_training_data(damaged)


@pytest.mark.parametrize("card", [{}, {"settings": []}, {"settings": {"prompt": "zero_shot"}, "prompt": {}}])
def test_a_card_that_lacks_something_is_named(saved, tmp_path, card):
    folder = shutil.copytree(saved, tmp_path / "data")
    (folder / "manifest.json").write_text(json.dumps({"kind": "train data", **card}))
    with pytest.raises(TrainingDataError, match=r"manifest.json: (settings\.prompt|prompt\.sha256): missing; expected"):
        load_training_data(folder)


def test_examples_of_another_version_are_refused(saved, tmp_path):
    odd = changed(saved, tmp_path / "odd")
    path = odd / "examples" / "ratings.parquet"
    pq.write_table(pq.read_table(path).drop_columns("pass_index"), path)
    with pytest.raises(
        TrainingDataError, match=r"ratings.parquet: has other columns than this version makes \(pass_index\)"
    ):
        load_training_data(odd)


def test_examples_that_were_changed_are_noticed(saved, tmp_path):
    odd = changed(saved, tmp_path / "odd")
    path = odd / "examples" / "ratings.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)
    with pytest.raises(TrainingDataError, match="holds other examples than it was made with"):
        load_training_data(odd)


def test_sides_are_checked_when_loaded(built, tmp_path):
    learn, validation = built.data.learn, built.data.validation
    mixed = TrainingData(replace(learn, ratings=(*learn.ratings, validation.ratings[0])), validation)
    save(replace(built, data=mixed), tmp_path / "mixed")
    with pytest.raises(TrainingDataError, match="is on both sides"):
        load_training_data(tmp_path / "mixed")
