"""The stock assistant's one action: it says a fixed text. Served by `rasa run actions`, in Rasa's environment."""

from typing import Any

from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Action, Tracker
from rasa_sdk.types import DomainDict


class FixedAction(Action):
    """Says the same to everybody."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_fixed"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> list[dict[str, Any]]:  # noqa: ARG002 - the SDK names them
        """Says it."""
        dispatcher.utter_message(text="お問い合わせありがとうございます。")
        return []
