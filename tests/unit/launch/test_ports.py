import socket

import pytest

from bot.errors import BadInputError
from bot.launch.ports import PortIsTakenError, addresses, require_free
from bot.settings import Settings


def test_a_taken_port_is_named_with_its_process() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortIsTakenError, match=f"web cannot use 127.0.0.1:{port}"):
            require_free({"web": ("127.0.0.1", port)})


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free({"web": ("127.0.0.1", port)})


def test_an_address_without_a_port_is_bad_input() -> None:
    settings = Settings(_env_file=None, rasa_url="http://rasa.internal")
    with pytest.raises(BadInputError, match="MADOGUCHI_RASA_URL"):
        addresses(settings)
