"""The routes of log-in, set-up and log-out, and of one's own account."""

from __future__ import annotations

from bot.console.access import account, login, setup, single_sign_on
from bot.console.access.provider import CALLBACK_PATH
from bot.console.frame.guard import LOGIN_PATH
from bot.console.frame.routes import Route, get, open_to_all, post
from bot.staff.roles import Right

ROUTES: tuple[Route, ...] = (
    open_to_all("GET", LOGIN_PATH, login.show),
    open_to_all("POST", LOGIN_PATH, login.submit),
    open_to_all("GET", "/login/oidc", single_sign_on.begin),
    open_to_all("GET", CALLBACK_PATH, single_sign_on.come_back),
    open_to_all("GET", setup.PATH, setup.show),
    open_to_all("GET", f"{setup.PATH}/code.svg", setup.show_code),
    open_to_all("POST", setup.PATH, setup.submit),
    post("/logout", login.leave, Right.LOOK),
    get(account.PATH, account.show, Right.LOOK),
    post(f"{account.PATH}/password", account.change, Right.LOOK),
    post(f"{account.PATH}/sessions/{{session}}/end", account.end_session, Right.LOOK),
)
