"""Whom this process answers for: the services of each controller, found by the name that the gateway gives a turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actions.services import Services
from bot.errors import BadInputError
from bot.settings import Settings


class ControllerIsNotServedError(BadInputError):
    """A turn is for a controller that this process has nothing of; nobody else's answer is given instead."""


class Served:
    """The services of every controller. What models and networks take of memory is there once for all of them."""

    def __init__(self, *services: Services) -> None:
        self._first = services[0]
        self._by_controller = {each.controller: each for each in services}

    @property
    def settings(self) -> Settings:
        """The installation's: those of the first controller."""
        return self._first.settings

    def of(self, controller: str) -> Services:
        """The services that answer a turn. Where one controller alone is served, a turn need not name it.

        Raises:
            ControllerIsNotServedError: the turn is for none of these.
        """
        if not controller and len(self._by_controller) == 1:
            return self._first
        found = self._by_controller.get(controller)
        if found is None:
            raise ControllerIsNotServedError("the turn names no controller that is served here")
        return found

    @property
    def is_warm(self) -> bool:
        """Whether no answer would have to wait for anything to load."""
        return all(each.is_warm for each in self._by_controller.values())

    @property
    def releases(self) -> dict[str, dict[str, Any]]:
        """By controller which release answers, and what keeps another from coming into force."""
        return {
            name: {"release": each.releases.number, "release_fault": each.releases.fault}
            for name, each in self._by_controller.items()
        }

    def require(self) -> None:
        """Opens what is quick to open, so that a wrong configuration ends the process at its start.

        Raises:
            BadInputError: a key or a desk file cannot be used.
        """
        for each in self._by_controller.values():
            each.require()

    def follow(self) -> None:
        """Follows the releases of every controller, until the process ends."""
        for each in self._by_controller.values():
            each.releases.start()

    def warm(self) -> None:
        """Opens everything, the first controller's first."""
        for each in self._by_controller.values():
            each.warm()

    def mend_index(self) -> None:
        """Puts back what of the opened indexes was damaged or removed on the disk."""
        for each in self._by_controller.values():
            each.mend_index()


def open_served(served: Sequence[Settings]) -> Served:
    """The services of these controllers; nothing of them is opened yet."""
    first = Services(served[0])
    return Served(first, *(Services(settings, beside=first) for settings in served[1:]))
