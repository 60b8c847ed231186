from __future__ import annotations

import os
import subprocess
import sys

import pytest

GOOD_KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ACTIONS_URL", "http://127.0.0.1"),
        ("INTERNAL_TOKEN", ""),
        ("ENCRYPTION_KEY", "short"),
        ("DEFAULT_POLICY", "nobody/privacy"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_status_2(name: str, value: str) -> None:
    good = {"INTERNAL_TOKEN": "secret", "ENCRYPTION_KEY": GOOD_KEY, "HASH_KEY": GOOD_KEY, name: value}
    environment = os.environ | {f"MADOGUCHI_{field}": given for field, given in good.items()}
    ended = subprocess.run(
        [sys.executable, "-m", "actions"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("actions: ")
    assert ended.stderr.count("\n") == 1
