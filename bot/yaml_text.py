"""YAML that people write, read by PyYAML's C part where it was built with it, and YAML that is written for people."""

from __future__ import annotations

import re
from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Makes texts, numbers, days, lists and mappings, and nothing else; gives nodes with their lines when asked."""

_RARE_ENDS = re.compile("[\x85\u2028\u2029]")
_NEVER_FOLDED = 10**9


def load_yaml(text: str) -> Any:  # noqa: ANN401 - whatever a person wrote
    """The value of a document.

    Raises:
        yaml.YAMLError: it is no YAML.
        ValueError: it names a day that no calendar has.
    """
    return yaml.load(text, Loader=LOADER)  # noqa: S506 - either loader is PyYAML's safe one


def dump_yaml(value: object) -> str:
    """A document that reads as the value again: Japanese in clear, keys in their order, no line folded."""
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_NEVER_FOLDED)


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, but for rare ends of lines: it writes them as they are, and reads one of them as another."""


def _as_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if _RARE_ENDS.search(value) else None)


_Dumper.add_representer(str, _as_text)
