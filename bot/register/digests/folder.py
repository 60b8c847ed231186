"""The folder that digests are kept in: on another machine's mount, or storage that is written once."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.crash_points import CrashPoint, crash_point
from bot.errors import BadInputError
from bot.register.digests.files import hour_in, public_key, read_private_key
from bot.settings import Settings
from bot.storage.whole_files import written_beside

_WITHOUT_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@dataclass(frozen=True)
class Folder:
    """Where digests are kept, and what is needed to add to them.

    Attributes:
        place: the folder itself.
        cache: a folder on this machine for what all digests together know.
        key: signs new ones.
        old_keys: public keys, in base64, that signed earlier ones.
    """

    place: Path
    cache: Path
    key: Ed25519PrivateKey = field(repr=False)
    old_keys: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The public keys whose signatures are accepted."""
        return public_key(self.key), *self.old_keys


def open_folder(settings: Settings) -> Folder | None:
    """The folder of this installation; None where none is set.

    Raises:
        BadInputError: there is a folder and no key to sign with.
    """
    if settings.digests_dir is None:
        return None
    text = settings.digest_key.get_secret_value()
    if not text:
        raise BadInputError("MADOGUCHI_DIGESTS_DIR needs MADOGUCHI_DIGEST_KEY: digests are signed")
    return Folder(
        place=settings.digests_dir,
        cache=settings.data_dir / "digests",
        key=read_private_key(text),
        old_keys=tuple(settings.digest_old_keys.split()),
    )


def last_hour(place: Path) -> datetime | None:
    """The hour of the last digest; None where there is none.

    Raises:
        OSError: the folder cannot be read.
    """
    return max((hour for path in place.iterdir() if (hour := hour_in(path.name)) is not None), default=None)


def digest_files(place: Path) -> Iterator[Path]:
    """Its digests by their hours.

    Raises:
        OSError: it cannot be read.
    """
    yield from sorted(path for path in place.iterdir() if hour_in(path.name) is not None)


def add_file(place: Path, content: bytes) -> None:
    """Writes a file that is whole or not there, and never one that is there already.

    Raises:
        FileExistsError: it is there.
        OSError: it cannot be written; nothing is left behind.
    """
    with written_beside(place, content, outlives_power=True) as scratch:
        crash_point(CrashPoint.DIGEST_BEFORE_NAME)
        _name_it(scratch, place)
    _sync_folder(place.parent)


def _name_it(scratch: Path, place: Path) -> None:
    # A link fails where the name is taken, which a rename does not. Not every mount knows links; there the look
    # before has to do, which one process at a time makes.
    scratch.chmod(0o644)
    try:
        place.hardlink_to(scratch)
    except OSError as error:
        if error.errno not in _WITHOUT_LINKS:
            raise
        if place.exists():
            raise FileExistsError(place) from None
        scratch.rename(place)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network mounts have no such thing; the file itself is on the disk by now.
        if error.errno not in (errno.EINVAL, *_WITHOUT_LINKS):
            raise
    finally:
        os.close(descriptor)
