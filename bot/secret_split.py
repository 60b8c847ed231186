"""Which process is handed which secret: everywhere, under the supervisor as in every deployment below `deploy/`.

A process that is broken into can only give away what it was given. Whatever is a secret and is not named for a process
is taken out of its environment; a test keeps every deployment to this table.
"""

from __future__ import annotations

from collections.abc import Mapping

OURS = frozenset({"actions", "web", "jobs", "console"})
"""The processes of our own environment; each reads all the settings and is started with `python -m`."""

# Rasa is the only process with code we cannot keep current: it gets the token that it shares with the action server,
# and the database that only Rasa opens. The digests' key is where they are made and read, and not where strangers
# knock. The mail server is with jobs, who sends; web has to know whether codes can be sent, and the console tells the
# owner what an installation still lacks.
SPLIT: Mapping[str, frozenset[str]] = {
    "database_url": OURS,
    "encryption_key": OURS,
    "encryption_keys_before": OURS,
    "hash_key": OURS,
    "digest_key": frozenset({"jobs", "console"}),
    "smtp_url": frozenset({"web", "jobs", "console"}),
    "internal_token": OURS | {"rasa"},
    "tracker_url": frozenset({"rasa"}),
    "member_token_keys": frozenset({"web"}),
    "line_channel_secret": frozenset({"web"}),
    "line_access_token": frozenset({"web"}),
    "slack_signing_secret": frozenset({"web"}),
    "slack_bot_token": frozenset({"web", "jobs"}),
    "rate_storage_url": frozenset({"web"}),
    "oidc_client_secret": frozenset({"console"}),
}
"""Who holds each secret, by the name of its setting. A database's address is one, since it names a password."""


def held_by(process: str) -> frozenset[str]:
    """The settings that are secrets and that this process is handed."""
    return frozenset(name for name, holders in SPLIT.items() if process in holders)
