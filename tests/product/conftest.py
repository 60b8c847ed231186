from collections.abc import Iterator

import pytest

from tests.support.product import Product


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One running product for the whole session; a test that kills it starts it again."""
    running = Product(tmp_path_factory.mktemp("product"))
    running.start()
    yield running
    running.stop()
