"""How a request may be decided: one proposal of each sort."""

from __future__ import annotations

from bot.register.decisions.deciding import Proposal
from bot.register.decisions.models import Outcome

GRANTED = Proposal(Outcome.GRANTED)
DENIED = Proposal(Outcome.DENIED, "disclosure-harms-rights", "ほかの方の予約内容が含まれるためです。")
ROUTED = Proposal(Outcome.ROUTED, None, "会員情報は株式会社EPARKの窓口で受け付けています。")
ANSWERED = Proposal(Outcome.ANSWERED, None, "お問い合わせの件は、次のとおりです。")
