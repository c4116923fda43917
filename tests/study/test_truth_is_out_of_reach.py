"""Nothing that trains or scores a mediator may see what only the simulator knows."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import simcons
from simcons.records import TRUTH_TABLES

ROOT = Path(__file__).parents[2]
FORBIDDEN = ("simcons.population", "simcons.study")
MODULES = sorted(path for part in ("mediator", "training") for path in (ROOT / "simcons" / part).rglob("*.py"))
NAMES = {"truth", "TRUTH_TABLES", "TRUTH", *(kind.__name__ for kind in TRUTH_TABLES.values())}


def imports(tree: ast.AST, package: str):
    """Everything a module imports, by full name: modules, and names taken from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def said(tree: ast.AST):
    """Names, attributes and string constants in the code, docstrings left out."""
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.value


def test_there_is_something_to_check():
    assert len(MODULES) > 5
    assert simcons.__file__ == str(ROOT / "simcons/__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_mediator_and_training_import_and_name_no_truth(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for name in imports(tree, package):
        assert not any(name == module or name.startswith(module + ".") for module in FORBIDDEN), name
        assert name != "importlib"
    for word in said(tree):
        assert word not in NAMES | {"__import__", "import_module"}
        assert "truth/" not in word.lower()


def test_the_check_would_notice():
    tree = ast.parse("from simcons import storage\nfrom ..population import persona\nimport simcons.study.run as s\n")
    found = set(imports(tree, "simcons.mediator"))
    assert {"simcons.population.persona", "simcons.study.run"} <= found
    assert "truth" in set(said(ast.parse("'''truth'''\nx.truth")))
    assert "truth" not in set(said(ast.parse("'''truth'''\nx")))


def test_a_deployable_mediator_cannot_tell_what_people_really_think(simulate):
    """With other weights of the same opinions true appraisals and ratings differ, yet every arm but the oracle's makes,
    scores, and picks the same statements.
    """
    arms = [
        {
            "arm": scorer,
            "generator": {"kind": "scripted", "samples": 8, "skill": skill},
            "scorer": scorer,
            "select": 1,
        }
        for scorer, skill in (("none", 0.6), ("reader", 0.6), ("oracle", 0.5))
    ]
    one, other = (
        simulate(
            seed=8,
            design={"groups": 5, "rounds": 1, "omissions": [0, 1]},
            participants={"mind": mind, "behaviour": {"dropout_per_hour": 0}},
            mediators=arms,
            model=True,
        )
        for mind in ({}, {"verdict_weight": 0.9, "disagreement_weight": 3.0, "own_points": 2.0})
    )
    assert one.truth("appraisals")["agreement"].tolist() != other.truth("appraisals")["agreement"].tolist()
    assert one.run.ratings["agreement"].tolist() != other.run.ratings["agreement"].tolist()
    for name in ("opinions", "scores", "mediations"):
        assert one.files()[name] == other.files()[name], name
    texts = [simulated.run.candidates["text"].tolist() for simulated in (one, other)]
    assert texts[0] == texts[1]
    picks = [simulated.run.selections for simulated in (one, other)]
    honest = [frame[~frame["upper_bound"]].reset_index(drop=True) for frame in picks]
    assert set(honest[0]["arm"]) == {"none", "reader", "model"}
    assert honest[0].equals(honest[1])
    oracle = [frame.loc[frame["upper_bound"], "candidate_id"].tolist() for frame in picks]
    assert oracle[0] != oracle[1]
