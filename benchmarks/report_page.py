"""The report of a study of 3,000 people: seconds to make it, its size, and how fast a browser shows it.

paper_baselines with 600 groups of five: 3,000 people, 1,800 rounds, 36,000 candidates. Paint times are those that the browser
reports itself (headless Chromium, the file on disk, a new page each time, medians of five); opening is from the click to the last
element.

Run:  python benchmarks/report_page.py [--quick] [--run FOLDER]      Writes benchmarks/results/report.md
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from machine import machine
from playwright.sync_api import Browser, sync_playwright

import simcons
from simcons.report.study.write import write_study_report
from simcons.storage.load import Run

RESULTS = Path(__file__).parent / "results" / "report.md"
TIMES = 5
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
OPENED = {"the replay of a session": ("#replay", "#replay .track .bar"), "a round": ("#rounds", "#rounds article")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="6 groups, nothing written: to see that it works")
    parser.add_argument("--run", type=Path, metavar="FOLDER", help="a run that is there, instead of a new one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        groups = 6 if arguments.quick else 600
        run = simcons.load(arguments.run) if arguments.run else study(groups, Path(folder) / "run")
        text = report(run, Path(folder) / "report.html")
    print(text)
    if not arguments.quick:
        RESULTS.write_text(text, encoding="utf-8")


def study(groups: int, folder: Path) -> Run:
    return simcons.run("paper_baselines", overrides={"design.groups": groups}, out=folder)


def report(run: Run, path: Path) -> str:
    wall, processor = time.perf_counter(), time.process_time()
    write_study_report([run], path)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        paint, loaded = (median(shown(browser, path, measure) for _ in range(TIMES)) for measure in (PAINT, LOADED))
        opening = {name: median(opened(browser, path, *of) for _ in range(TIMES)) for name, of in OPENED.items()}
        chromium = browser.version
        browser.close()
    rows = [
        ("people in groups, rounds, ratings", sizes(run)),
        ("making the page", f"{processor:.1f} s of processor time, {wall:.1f} s"),
        ("size of the page", f"{path.stat().st_size / 1e6:.1f} MB"),
        ("first paint", f"{paint / 1000:.2f} s"),
        ("loaded to the end", f"{loaded / 1000:.2f} s"),
        *((f"opening {name}, first time", f"{seconds:.2f} s") for name, seconds in opening.items()),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows]
    head = ["# The report of a study of 3,000 people", "", "<!-- made by: python benchmarks/report_page.py -->", ""]
    on = (
        f"{machine('vl-convert-python', 'pyarrow')}, headless Chromium {chromium}; other programs ran at the same time."
    )
    return "\n".join([*head, f"On {on}", "", "| | |", "| --- | --- |", *lines, ""])


def sizes(run: Run) -> str:
    n_people = int(run.participants["session_id"].notna().sum())
    return f"{n_people:,}, {len(run.rounds):,}, {len(run.ratings):,}"


def shown(browser: Browser, path: Path, measure: str) -> float:
    """Milliseconds, by the browser's own clock."""
    return in_page(browser, path, lambda page: float(page.evaluate(measure)))


def opened(browser: Browser, path: Path, part: str, made: str) -> float:
    """Seconds from scrolling to a part to its contents."""

    def scrolled(page: Any) -> float:
        began = time.perf_counter()
        page.evaluate("part => document.querySelector(part).scrollIntoView()", part)
        page.wait_for_selector(made)
        return time.perf_counter() - began

    return in_page(browser, path, scrolled)


def in_page(browser: Browser, path: Path, measured: Callable[[Any], float]) -> float:
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.goto(path.absolute().as_uri())
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    value = measured(page)
    page.close()
    return value


if __name__ == "__main__":
    main()
