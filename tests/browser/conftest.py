"""A real browser, headless, driven by Playwright. It is the one that is installed: none is fetched.

Without one these tests are skipped; with SIMCONS_BROWSER=required, as in CI, that is a failure.
"""

from __future__ import annotations

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, beside which other tests can run none
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = f"no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("SIMCONS_BROWSER") == "required":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """Opens a file in a page of its own, and fails at the end if the page ran into an error or asked for anything else."""
    problems, pages = [], []

    def open_page(path, *, width=1200, **settings):
        page = browser.new_page(viewport={"width": width, "height": 900}, **settings)
        page.on(
            "console", lambda message: problems.append(message.text) if message.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("dialog", lambda dialog: (problems.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request",
            lambda request: problems.append(request.url) if not request.url.startswith(("file:", "blob:")) else None,
        )
        pages.append(page)
        page.goto(path.as_uri())
        return page

    yield open_page
    for page in pages:
        page.close()
    assert problems == []
