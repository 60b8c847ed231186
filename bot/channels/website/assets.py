"""Stylesheets and scripts as browsers get them: each file with what it imports, minified, compressed, named by content.

The sources stay what one reads and edits. A page names an asset by its file, and the address it gets holds a digest of
the content, so that a browser keeps it for good and a new release is a new address.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import minify
from aiohttp import hdrs, web

STATIC_FOLDER = Path(__file__).resolve().parents[2] / "web" / "static"
FOR_GOOD = "public, max-age=31536000, immutable"

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# What our sources use of either language; both stand at the beginning of a line.
_SCRIPT_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([a-z_]+\.js)";\n', re.MULTILINE)
_STYLE_IMPORT = re.compile(r'^@import "([a-z_]+\.css)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?function |class |const )", re.MULTILINE)
_DIGITS = 12


@dataclass(frozen=True)
class Asset:
    """One file as it is sent."""

    name: str
    media_type: str
    body: bytes
    compressed: bytes
    digest: str

    @property
    def path(self) -> str:
        """Where it lies for as long as it stays the same."""
        stem, dot, suffix = self.name.rpartition(".")
        return f"/static/{stem}-{self.digest}{dot}{suffix}"


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every asset by the name of its file, made once a process."""
    return {path.name: _asset(path) for path in STATIC_FOLDER.iterdir() if path.suffix in _TYPES}


def asset_path(name: str) -> str:
    """The address of an asset, for templates."""
    return assets()[name].path


def routes() -> list[web.RouteDef]:
    """Every asset at its address for good, and at its plain name for whoever asks each time."""
    by_path = {asset.path: asset for asset in assets().values()}

    async def show(request: web.Request) -> web.Response:
        if (lasting := by_path.get(request.path)) is not None:
            return response(request, lasting, cache=FOR_GOOD)
        asset = assets().get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return response(request, asset, cache="no-cache")

    return [web.get("/static/{name}", show)]


def response(request: web.Request, asset: Asset, *, cache: str) -> web.Response:
    """The answer to a request for an asset: nothing when the browser has it, compressed when it takes that."""
    etag = f'"{asset.digest}"'
    headers = {hdrs.CACHE_CONTROL: cache, hdrs.ETAG: etag, hdrs.VARY: hdrs.ACCEPT_ENCODING}
    if etag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return web.Response(status=web.HTTPNotModified.status_code, headers=headers)
    body = asset.body
    if takes_gzip(request):
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        body = asset.compressed
    return web.Response(body=body, content_type=asset.media_type, charset="utf-8", headers=headers)


def compressed(request: web.Request, answer: web.Response) -> web.Response:
    """The answer in gzip as small as that makes it, if the client takes it."""
    if takes_gzip(request) and isinstance(answer.body, bytes):
        answer.body = gzip.compress(answer.body, 9, mtime=0)
        answer.headers[hdrs.CONTENT_ENCODING] = "gzip"
    answer.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    return answer


def takes_gzip(request: web.Request) -> bool:
    """Whether the client said that it takes gzip."""
    offers = (offer.replace(" ", "") for offer in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(","))
    return any(offer == "gzip" or re.fullmatch(r"gzip;q=(?:1|0\.0*[1-9]).*", offer) for offer in offers)


def made(path: Path) -> str:
    """The content of a source file with its imports in place, minified."""
    if path.suffix == ".js":
        # Within a block the names at the top are nobody else's, so they may be shortened too.
        source = "{" + "".join(_scripts(path, set())) + "}"
    elif path.suffix == ".css":
        source = _styles(path)
    else:
        return path.read_text("utf-8")
    return str(minify.string(_TYPES[path.suffix], source))


def _asset(path: Path) -> Asset:
    body = made(path).encode()
    digest = hashlib.sha256(body).hexdigest()[:_DIGITS]
    return Asset(path.name, _TYPES[path.suffix], body, gzip.compress(body, 9, mtime=0), digest)


# Modules become one: what is imported stands first, once. Two of them cannot use one name at their top, which a
# browser would refuse at once.
def _scripts(path: Path, seen: set[str]) -> Iterator[str]:
    if path.name in seen:
        return
    seen.add(path.name)
    source = path.read_text("utf-8")
    for name in _SCRIPT_IMPORT.findall(source):
        yield from _scripts(path.with_name(name), seen)
    yield _EXPORT.sub("", _SCRIPT_IMPORT.sub("", source))


def _styles(path: Path) -> str:
    return _STYLE_IMPORT.sub(lambda found: _styles(path.with_name(found[1])), path.read_text("utf-8"))
