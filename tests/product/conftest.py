from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.support.product import Product
from tests.support.three_doors import House, opened_house


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running product for the whole session; a test that kills it starts it again."""
    running = Product(tmp_path_factory.mktemp("product"))
    running.start()
    yield running
    running.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One running product with LINE and Slack around it, for all tests that go through every door."""
    async with opened_house(tmp_path_factory.mktemp("house")) as running:
        yield running
