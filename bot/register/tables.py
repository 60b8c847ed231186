"""Every table of the register in one import, for whoever compares them with a database."""

from __future__ import annotations

import bot.register.alerts.models
import bot.register.decisions.models
import bot.register.identity.models
import bot.register.models
import bot.register.thread.models
import bot.register.trail.models  # noqa: F401 - imported for the tables they hang on Base.metadata
