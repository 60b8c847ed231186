"""`register digest-key` and `digest-verify`: what whoever watches over the digests of the trails needs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import settings
from bot.errors import BadInputError
from bot.register.check import told_digest
from bot.register.digests.comparing import BrokenDigest, read_all
from bot.register.digests.files import public_key, read_private_key

FINDINGS_STATUS = 2

app = typer.Typer()


@app.command("digest-key")
def digest_key() -> None:
    """Prints the public half of the key that signs digests, in base64: with it alone anybody can check them."""
    text = settings.load().digest_key.get_secret_value()
    if not text:
        raise BadInputError("MADOGUCHI_DIGEST_KEY is not set")
    typer.echo(public_key(read_private_key(text)))


@app.command("digest-verify")
def digest_verify(
    folder: Annotated[Path, typer.Argument(help="The folder of the digests.", show_default=False)],
    *,
    key: Annotated[list[str], typer.Option(help="A public key that is accepted; may be given several times.")],
) -> None:
    """Checks signatures, order and gaps of digests by the public key alone, without the database; 2 when one is wrong.

    Whether the trails still hold what the digests know is told by `register check`.
    """
    try:
        found = list(read_all(folder, key))
    except OSError as error:
        raise BadInputError(f"{folder}: {error.strerror or type(error).__name__}") from None
    wrong = [one for one in found if isinstance(one, BrokenDigest)]
    for one in wrong:
        typer.echo(told_digest(one), err=True)
    if wrong:
        raise typer.Exit(FINDINGS_STATUS)
    if not found:
        raise BadInputError(f"{folder}: there is no digest")
    typer.echo(f"{len(found)} digests, signed and without a gap; the last one of {found[-1].hour:%Y-%m-%dT%H}Z")
