from __future__ import annotations

from pkgutil import resolve_name

import pytest

from bench.parts import PARTS, Part


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_every_switch_replaces_something_and_puts_it_back(part: Part) -> None:
    before = [resolve_name(name) for name, _ in part.replaced]
    with part.switched_off():
        assert all(resolve_name(name) is stand_in for name, stand_in in part.replaced)
    assert [resolve_name(name) for name, _ in part.replaced] == before
    assert part.replaced or part.change


def test_a_switch_whose_part_is_gone_fails() -> None:
    with pytest.raises(AttributeError), Part("gone", (("bot.policy.gates.no_such_gate", None),)).switched_off():
        pass
