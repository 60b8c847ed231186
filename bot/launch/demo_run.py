"""`make demo`: the product with made-up data of its own, and a link for each role to look at it from inside."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from sqlalchemy import Engine

from bot import settings as configuration
from bot.clock import system_clock
from bot.console.frame.wording import role_title
from bot.errors import MadoguchiError
from bot.launch import local_secrets, ports, readiness
from bot.launch.demo import filling
from bot.launch.demo.people import issue_links
from bot.launch.processes import DEMO_DIR
from bot.settings import PREFIX, Settings
from bot.staff.roles import Role
from bot.storage.engine import open_engine, transaction

_READY_SECONDS = 480.0
# A demo talks to nobody outside this machine, whatever the machine's own settings say.
_NOBODY = (
    *("SMTP_URL", "LINE_CHANNEL_SECRET", "LINE_ACCESS_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN"),
    *("ALERT_SLACK_CHANNEL", "STAFF_MAIL", "OIDC_ISSUER", "CONTROLLERS_DIR", "SISTER_CONTROLLERS"),
)


def main(arguments: list[str] | None = None) -> int:
    """Runs until stopped; the exit status is the product's own, 2 when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m bot.launch.demo_run", description=__doc__)
    parser.add_argument("--fill", action="store_true", help="make the data and start nothing")
    parser.add_argument("--links", action="store_true", help="print new links for a demo that runs")
    chosen = parser.parse_args(arguments)
    try:
        settings = _prepared()
        if chosen.links:
            _print_links(settings)
            return 0
        return 0 if chosen.fill else _run(settings)
    except MadoguchiError as error:
        print(f"madoguchi: {error}", file=sys.stderr)  # noqa: T201 - the launcher speaks on the terminal
        return 2


def demo_environment(folder: Path) -> dict[str, str]:
    """What makes an installation a demo: data of its own in this folder, and nobody outside."""
    own = {
        "DEMO": "true",
        "MODE": "trial",
        "DATA_DIR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder / 'madoguchi.db'}",
        "TRACKER_URL": f"sqlite:///{folder / 'tracker.db'}",
        "CORPUS_DIR": str(folder / "policy_corpus"),
        "REGRESSION_DIR": str(folder / "regression"),
        "DELETIONS_DIR": str(folder / "deletions"),
    }
    return {PREFIX + name: value for name, value in (own | dict.fromkeys(_NOBODY, "")).items()}


def _prepared() -> Settings:
    local_secrets.ensure_local_secrets(configuration.LOCAL_ENV)
    real = configuration.load()
    configuration.load.cache_clear()
    os.environ.update(demo_environment(DEMO_DIR))
    settings = configuration.load()
    filling.copy_folder(real.corpus_dir, settings.corpus_dir)
    filling.copy_folder(real.regression_dir, settings.regression_dir)
    if not filling.database_file(settings).exists():
        _say("demo: making up its data, some minutes the first time")
    filling.ensure_filled(settings, say=_say)
    return settings


def _run(settings: Settings) -> int:
    ports.require_free(ports.addresses(settings))
    product = subprocess.Popen([sys.executable, "-m", "bot.launch"], env=os.environ)

    def stop(_number: int, _frame: FrameType | None) -> None:
        product.terminate()

    # The product stops its processes in order and then ends; this ends with it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    threading.Thread(target=_print_links_when_ready, args=(settings, product), daemon=True).start()
    return product.wait()


def _print_links_when_ready(settings: Settings, product: subprocess.Popen[bytes]) -> None:
    url = f"http://{settings.web_host}:{settings.web_port}/readyz"
    if readiness.wait_until_ready(
        url, seconds=_READY_SECONDS, alive=lambda: product.poll() is None, report=lambda _: None
    ):
        _print_links(settings)


def _print_links(settings: Settings) -> None:
    engine: Engine = open_engine(settings.database_url, controller=settings.controller)
    try:
        with transaction(engine) as session:
            controller = settings.controller
            links = issue_links(session, controller, now=system_clock())
    finally:
        engine.dispose()
    _say("デモ：架空のデータ。どなたとして入るかを選んでください（リンクは1時間、1回だけ使えます）")
    for account, path in links:
        _say(f"  {role_title(Role(account.role))}　{account.name}　{settings.console_url.rstrip('/')}{path}")
    _say("新しいリンク：make demo-links　データの作り直し：var/demo を消して make demo")


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the launcher speaks on the terminal


if __name__ == "__main__":
    raise SystemExit(main())
