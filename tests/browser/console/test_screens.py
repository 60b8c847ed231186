"""Every screen as every role, on a demo's data, in a real browser: no barrier, no violation, nothing that fails.

Whoever walks follows the links that they are shown, to one page of every route. `make pictures` sets
MADOGUCHI_PICTURES to the folder that the pictures of docs/console.md go to.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from bot.console.app import ROUTES
from bot.console.frame.navigation import NAVIGATION
from bot.launch.demo.filling import Amount, copy_folder, ensure_filled
from bot.staff.roles import RIGHTS_OF, Role
from tests.browser.console.conftest import At, opener
from tests.support.barriers import expect_no_barriers
from tests.support.console import console_settings, running_console

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PICTURES = os.environ.get("MADOGUCHI_PICTURES", "")
LOOKS = {"light": {}, "dark": {"color_scheme": "dark"}, "forced": {"forced_colors": "active"}}
_PATTERNS = {
    route.path: re.compile(re.sub(r"\{\w+(?::[^}]*)?\}", "[^/]+", route.path))
    for route in sorted(ROUTES, key=lambda route: route.path.count("{"))
    if route.method == "GET"
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def at_demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[At]:
    """Opens browsers at a console that is full of made-up people, requests and conversations."""
    folder = tmp_path_factory.mktemp("demo")
    for name, origin in (("corpus", "policy_corpus"), ("regression", "data/regression")):
        copy_folder(Path(origin), folder / name)
    settings = console_settings(
        f"sqlite:///{folder / 'madoguchi.db'}",
        demo=True,
        data_dir=folder,
        corpus_dir=folder / "corpus",
        regression_dir=folder / "regression",
    )
    amount = Amount(talks=300 if PICTURES else 30)
    await asyncio.to_thread(ensure_filled, settings, say=lambda _: None, amount=amount)
    async with running_console(settings) as desk:
        yield opener(chromium, desk)


@pytest.mark.parametrize("role", Role)
async def test_whoever_follows_the_links_they_are_shown_meets_no_barrier(at_demo: At, role: Role) -> None:
    async with at_demo(role) as staff:
        await staff.page.goto(staff.url)
        shown = await staff.page.locator(".side__menu a").all_inner_texts()
        assert shown == [entry.title for entry in NAVIGATION if entry.right in RIGHTS_OF[role]]
        visited = await _walk(staff.page, staff.url, looks_closely=True)
    assert {entry.path for entry in NAVIGATION if entry.right in RIGHTS_OF[role]} <= visited


@pytest.mark.parametrize("look", ["dark", "forced"])
async def test_no_screen_has_a_barrier_in_another_light(at_demo: At, look: str) -> None:
    async with at_demo(Role.OFFICER, **LOOKS[look]) as staff:
        await _walk(staff.page, staff.url, looks_closely=True)


async def test_every_screen_is_there_without_scripts(at_demo: At) -> None:
    async with at_demo(Role.OFFICER, java_script_enabled=False) as staff:
        assert len(await _walk(staff.page, staff.url, looks_closely=False)) > len(NAVIGATION)


async def _walk(page: Page, url: str, *, looks_closely: bool) -> set[str]:
    """Visits one page of every route that links lead to from the start page; gives the routes."""
    waiting, visited = deque(["/"]), set[str]()
    while waiting:
        path = waiting.popleft()
        route = _route_of(path)
        if route is None or route in visited:
            continue
        visited.add(route)
        response = await page.goto(url + path)
        assert response is not None
        assert response.status == 200, (path, response.status)
        assert await page.locator("h1").count() == 1, path
        if looks_closely:
            await expect_no_barriers(page)
            await _take(page, route)
        hrefs = [await link.get_attribute("href") for link in await page.locator("a[href^='/']:not([download])").all()]
        waiting.extend(href for href in hrefs if href)
    return visited


def _route_of(path: str) -> str | None:
    """The route that a link leads to; None for files, and for what leaves the session."""
    address = urlsplit(path).path
    found = next((route for route, pattern in _PATTERNS.items() if pattern.fullmatch(address)), None)
    return None if found is None or found.rpartition(".")[2] in {"ics", "csv", "json", "svg", "xml"} else found


async def _take(page: Page, route: str) -> None:
    if PICTURES:
        name = re.sub(r"[^a-z]+", "-", route).strip("-") or "today"
        await page.screenshot(path=Path(PICTURES) / f"console-{name}.png", animations="disabled")
