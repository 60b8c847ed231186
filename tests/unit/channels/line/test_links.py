"""Our pages know nothing of LINE's parameter, and open with it as without."""

from bot.channels.line.links import outside
from tests.support.request_pages import file_with_page
from tests.support.web_member import Desk

MARKED = "/policy/eparkrelax/privacy/2026-11-23?mark=0-40&mark=60-80"


async def read(desk: Desk, path: str) -> tuple[int, str]:
    async with desk.client.get(path) as answer:
        return answer.status, await answer.text()


async def test_pages_open_with_the_parameter_as_without(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    for path in (page.path, MARKED, "/request"):
        status, text = await read(desk, outside(path))
        assert status == 200
        assert (status, text) == await read(desk, path)


async def test_a_page_does_not_hand_the_parameter_on(desk: Desk) -> None:
    page = file_with_page(desk.gateway)
    _, text = await read(desk, outside(page.path))
    assert "openExternalBrowser" not in text
