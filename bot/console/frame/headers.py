"""The headers of every response of the console (OWASP ASVS 5.0, 3.4; reference: strict CSP, no third party)."""

from __future__ import annotations

from aiohttp import web

from bot.console.frame.parts import is_https

_HEADERS = {
    # htmx is the only script, served from here; it evaluates nothing and writes no style (see base.html).
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: every response carries them, errors and redirects too."""
    response.headers.update(_HEADERS)
    if is_https(request):
        response.headers.update(_HTTPS_ONLY)
    # Files that no person's data stand in may be kept by browsers; pages never.
    response.headers["Cache-Control"] = "max-age=3600" if request.path.startswith("/static/") else "no-store"
