"""`madoguchi embed`: the lines that put the chat's button on another site's page."""

from __future__ import annotations

import typer

from bot.commands.chosen import chosen


def embed() -> None:
    """The lines to paste into a site's page, and what its content policy must allow."""
    # The gateway's modules load what the other commands need not wait for.
    from bot.channels.website.embed import needed_policy, snippet  # noqa: PLC0415 - see above

    loaded = chosen()
    typer.echo(snippet(loaded.public_url), nl=False)
    typer.echo(f"Content-Security-Policy: {needed_policy(loaded.public_url)}", err=True)
    if not loaded.embed_origins:
        typer.echo("MADOGUCHI_EMBED_ORIGINS names no site yet, so no page can show the widget", err=True)
