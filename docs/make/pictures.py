"""The pictures of a report on the pages, in light colours and 1400 pixels wide:  python docs/make/pictures.py RUN/report.html

The browser is the one that is installed, as in the tests of pages.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

IMAGES = Path(__file__).parents[1] / "images"
WIDTH, HEIGHT = 1400, 1000  # of a window
BELOW = 16  # what is shown
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
TEN_MINUTES = "600"


def main(report: Path) -> None:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        sys.exit(f"no browser: expected one of {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = opened(browser, report)
        top = across(page, "#findings .findings")
        page.screenshot(
            path=IMAGES / "report.png", full_page=True, clip={**top, "y": 0, "height": top["y"] + top["height"]}
        )
        replayed(page)
        page.screenshot(path=IMAGES / "replay.png", full_page=True, clip=across(page, "#replay"))
        browser.close()


def opened(browser: Browser, report: Path) -> Page:
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
    page.goto(report.resolve().as_uri())
    return page


def replayed(page: Page) -> None:
    """The first session, ten minutes in."""
    page.locator("#replay").scroll_into_view_if_needed()
    page.wait_for_selector("#replay .track .bar")
    time = page.locator("[data-replay=time]")
    time.fill(TEN_MINUTES)
    page.evaluate("document.activeElement.blur()")


def across(page: Page, part: str) -> FloatRect:
    """The part of the page, as wide as the window."""
    box = page.locator(part).bounding_box()
    assert box is not None, f"{part} is not shown"
    top = box["y"] + page.evaluate("window.scrollY")
    return {"x": 0, "y": top, "width": WIDTH, "height": box["height"] + BELOW}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
