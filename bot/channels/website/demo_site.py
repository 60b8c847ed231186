"""A site that is not ours, for trying the widget out: the policy page of a salon site that does not exist.

It has another origin than the gateway and a strict policy of its own, as a careful company's site would. Its members
are made up, and it signs for them with a key that lives as long as this process.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec

from bot.channels.website import assets, embed
from bot.channels.website.page_rendering import TEMPLATE_FOLDER
from bot.channels.website.policy_layout import lay_out
from bot.clock import Clock, in_tokyo, system_clock
from bot.policy.documents import load_policy
from bot.policy.versions import version_in_force
from bot.settings import Settings

_MEMBER = "demo-member-1"
_COOKIE = "demo_member"
_TOKEN_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class MemberKey:
    """The site's key, with which it vouches for whoever is logged in there."""

    kid: str = field(default_factory=lambda: f"demo-{secrets.token_hex(4)}")
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def public_set(self) -> str:
        """What the gateway's `MADOGUCHI_MEMBER_TOKEN_KEYS` takes."""
        member = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.private.public_key()))
        return json.dumps({"keys": [member | {"kid": self.kid, "alg": "ES256", "use": "sig"}]})

    def sign(self, subject: str, *, audience: str, clock: Clock = system_clock) -> str:
        """A token that says who is logged in, for a few minutes."""
        claims = {"sub": subject, "aud": audience, "exp": clock() + _TOKEN_LIFE}
        return jwt.encode(claims, self.private, algorithm="ES256", headers={"kid": self.kid})


def build_demo_site(settings: Settings, key: MemberKey, *, clock: Clock = system_clock) -> web.Application:
    """The site; its pages load the widget's script from the gateway that the settings name."""
    app = web.Application()
    environment = aiohttp_jinja2.setup(
        app, loader=jinja2.FileSystemLoader(TEMPLATE_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals["asset"] = assets.asset_path
    app.add_routes(assets.routes())
    app.on_response_prepare.append(_headers(settings.public_url))
    today = in_tokyo(clock()).date()
    version = version_in_force(settings.corpus_dir, settings.default_policy, today)
    policy = load_policy(settings.corpus_dir, settings.default_policy, version)
    content = {
        "units": lay_out(policy, ()),
        "gateway": settings.public_url.rstrip("/"),
        "loader": embed.path(),
        "integrity": embed.integrity(),
    }

    async def show(request: web.Request) -> web.Response:
        shown = {**content, "is_member": _COOKIE in request.cookies}
        return aiohttp_jinja2.render_template("demo_site.html", request, shown)

    async def sign_in(_request: web.Request) -> web.Response:
        answer = web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": "/"})
        answer.set_cookie(_COOKIE, _MEMBER, httponly=True, samesite="Lax")
        return answer

    async def sign_out(_request: web.Request) -> web.Response:
        answer = web.Response(status=web.HTTPSeeOther.status_code, headers={"Location": "/"})
        answer.del_cookie(_COOKIE)
        return answer

    async def member_token(request: web.Request) -> web.Response:
        member = request.cookies.get(_COOKIE)
        return web.Response(text=key.sign(member, audience=settings.member_token_audience) if member else "")

    app.add_routes(
        [
            web.get("/", show),
            web.post("/sign-in", sign_in),
            web.post("/sign-out", sign_out),
            web.post("/member-token", member_token),
        ]
    )
    return app


def _headers(public_url: str) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    public = urlsplit(public_url)
    gateway = f"{public.scheme}://{public.netloc}"
    policy = (
        f"default-src 'none'; script-src 'self' {gateway}; frame-src {gateway}; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )

    async def on_prepare(_request: web.Request, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")

    return on_prepare
