from pydantic import SecretStr

from bot.launch.processes import MODULES
from bot.secret_split import OURS, SPLIT, held_by
from bot.settings import Settings


def test_every_secret_of_the_settings_has_its_holders() -> None:
    secrets = {name for name, field in Settings.model_fields.items() if field.annotation is SecretStr}

    assert set(SPLIT) == secrets | {"database_url"}


def test_rasa_holds_the_shared_token_and_its_own_database_alone() -> None:
    assert held_by("rasa") == {"internal_token", "tracker_url"}


def test_nobody_but_rasa_holds_the_trackers_database() -> None:
    assert all("tracker_url" not in held_by(process) for process in OURS)


def test_every_holder_is_a_process_that_runs() -> None:
    assert set(MODULES) == OURS
    assert frozenset.union(*SPLIT.values()) == OURS | {"rasa"}
