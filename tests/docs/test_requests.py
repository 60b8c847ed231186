from pathlib import Path

from bot.register.decisions.models import Outcome
from bot.register.life import PAIRS, TRANSITIONS, Move
from bot.register.life_diagram import requests_page
from bot.register.models import State

PAGE = Path("docs/requests.md").read_text("utf-8")


def test_the_page_tells_what_the_table_is() -> None:
    assert requests_page() == PAGE


def test_the_diagram_draws_every_step_and_no_other() -> None:
    arrows = {tuple(line.split(":")[0].split(" --> ")) for line in PAGE.splitlines() if " --> " in line}
    between = {(source.strip(), target) for source, target in arrows if "[*]" not in (source.strip(), target)}

    assert between == {(str(source), str(target)) for source, target in PAIRS}


def test_every_step_state_and_outcome_is_explained() -> None:
    assert list(TRANSITIONS) == list(Move)
    assert [name for name in (*State, *Outcome) if f"| `{name}` | " not in PAGE] == []
