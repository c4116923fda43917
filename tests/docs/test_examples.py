"""Every command, Python example and input file on the pages does what the page says."""

import difflib
from pathlib import Path

import pytest
from pages import PAGES, REPOSITORY, Block, Command, blocks_of
from running import run_page

SLOW = [path for path in PAGES if any(block.slow for block in blocks_of(path))]


def name(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


# Every block that is not run, and why; a reason that is added here is one that a reader of the page has to take on trust.
NOT_RUN = {
    ("README.md", "clones and installs; the study itself is run by other tests"),
    ("docs/decisions/stages.md", "a sketch"),
    ("docs/engines.md", "needs these servers, a GPU for the first, and models to serve"),
    ("docs/guide.md", "a diagram"),
    ("docs/question_banks.md", "needs a server and a large model"),
    ("docs/question_banks.md", "street.yaml is refused until it is written"),
    ("docs/analysis.md", "a run of these names is needed"),
    ("docs/export.md", "a run of this name is needed"),
    ("docs/export.md", "it serves a page until it is stopped"),
    ("docs/language_model_participants.md", "needs runs and trains for an hour"),
    ("docs/calibrate.md", "a run of this name is needed"),
    ("docs/analysis.md", "frames of these names are needed"),
    ("docs/few_people.md", "as above"),
    ("docs/few_people.md", "the tables of the twelve groups do not come with simcons"),
    ("docs/believe.md", "trains a model, for which the page's eight ratings are too few"),
    ("docs/plan.md", "my_study.yaml is yours"),
    ("docs/report.md", "runs of these names are needed"),
    ("docs/serve.md", "it serves until it is stopped"),
    ("docs/serve.md", "it asks a server that runs beside it"),
    ("docs/sweep.md", "needs a cluster"),
    ("docs/training.md", "it needs several GPUs"),
    ("docs/training.md", "it serves a page until it is stopped"),
    ("docs/training.md", "it takes a quarter of an hour on two cores"),
    ("docs/training.md", "it takes trained models"),
    ("docs/training_loop.md", "it serves a page until it is stopped"),
    ("docs/scale.md", "the sweep takes an hour"),
    ("docs/tutorial.md", "the tests have an environment of their own"),
}


def differ(block: Block, command: Command, printed: list[str]) -> None:
    shown = "\n".join(difflib.unified_diff(command.output, printed, "the page", "printed", lineterm=""))
    pytest.fail(f"{block.place}: {command.text}\n{shown}", pytrace=False)


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_examples_do_what_the_page_says(path: Path, tmp_path):
    run_page(path, tmp_path, differ)


@pytest.mark.slow
@pytest.mark.parametrize("path", SLOW, ids=name)
def test_slow_examples_do_too(path: Path, tmp_path):
    run_page(path, tmp_path, differ, slow=True)


def test_blocks_that_are_not_run_are_known():
    blocks = [block for path in PAGES for block in blocks_of(path)]
    assert {(name(block.page), block.marks["not run"]) for block in blocks if "not run" in block.marks} == NOT_RUN
