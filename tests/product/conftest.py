import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.postgres import run_server, server_programs
from tests.support.product import AS_DELIVERED, Product
from tests.support.three_doors import House, opened_house
from tests.support.turns import one_at_a_time


@pytest.fixture(scope="session")
def one_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One for the whole session, started when a test first needs it."""
    folder = tmp_path_factory.mktemp("product")
    made = Product(folder, **AS_DELIVERED, INDEX_DIR=str(_own_index(folder)))
    yield made
    if made.is_running():
        made.stop()


def _own_index(folder: Path) -> Path:
    """A copy of the index that all tests share, which a test may damage; made by the product where there is none."""
    shared, own = Path(os.environ["MADOGUCHI_INDEX_DIR"]), folder / "index"
    with one_at_a_time("index"):
        if shared.is_dir():
            shutil.copytree(shared, own)
    return own


@pytest.fixture(scope="module")
def product_on_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One whose tracker is on a PostgreSQL server."""
    programs = server_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed: `make system-deps` does")
    with run_server(programs) as url:
        tracker = url.replace("postgresql+psycopg:", "postgresql:")
        made = Product(tmp_path_factory.mktemp("on-server"), **AS_DELIVERED, TRACKER_URL=tracker)
        made.start()
        yield made
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
