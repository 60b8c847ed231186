from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.support.product import Product
from tests.support.three_doors import House, opened_house


@pytest.fixture(scope="session")
def one_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One for the whole session, started when a test first needs it."""
    # As impatient as it comes: a member is told of a fault while they wait.
    made = Product(tmp_path_factory.mktemp("product"), RASA_TIMEOUT="10", ACTION_DEADLINE="8")
    yield made
    if made.is_running():
        made.stop()


@pytest.fixture
def product(one_product: Product) -> Product:
    """A running product; after a test that stopped it, the next one that needs it starts it again."""
    if not one_product.is_running():
        one_product.start()
    return one_product


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One running product with LINE and Slack around it, for all tests that go through every door."""
    async with opened_house(tmp_path_factory.mktemp("house")) as running:
        yield running
