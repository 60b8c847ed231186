"""Looks for barriers on a page: axe's rules up to WCAG 2.2 AA, and sideways scrolling."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.async_api import Frame, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def expect_no_barriers(page: Page | Frame) -> None:
    """Fails with the rules that are broken and the elements that break them; frames of another origin go unseen."""
    results = await Axe().run(page, options={"runOnly": RULES})
    found = [(item["id"], [node["html"] for node in item["nodes"]]) for item in results.response["violations"]]
    assert not found, found
    content, window = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert content <= window, f"the page is {content} px wide in a window of {window} px"
