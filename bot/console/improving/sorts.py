"""The four sorts of things that staff edit: where each lies, how its form is read, and what stands in it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute

from aiohttp import web

from bot.console.frame.forms import FormIsWrongError, field, fields
from bot.console.improving.bench import Bench
from bot.console.improving.borrowed import refusal_of
from bot.console.improving.quoting import quotes_of, range_of
from bot.policy import phrases
from bot.policy.cards import FILE_NAME as CARDS
from bot.policy.everyday import FILE_NAME as WORDS
from bot.policy.gaps import FILE_NAME as GAPS
from bot.policy.releases.entry_files import Row
from bot.staff.actor import Actor

_LONG, _SHORT = 2000, 200
_LEAST_QUESTIONS = 3
_MOST_WORDS = 40

NOT_CONFIRMED = "特定の人がわかる内容がないことを確かめて、チェックを入れてください。"


@dataclass(frozen=True)
class Given:
    """What somebody typed; `is_borrowed` tells that it goes back to a member's question."""

    texts: Mapping[str, str]
    lists: Mapping[str, Sequence[str]] = attribute(default_factory=dict)
    is_borrowed: bool = False
    is_confirmed: bool = False

    def lines(self, name: str) -> list[str]:
        """A text with one thing a line."""
        return [line.strip() for line in self.texts[name].splitlines() if line.strip()]


@dataclass(frozen=True)
class Sort:
    """One list of a policy's folder.

    Attributes:
        name: in addresses.
        file: in the policy's folder.
        title: as staff read it.
        label: what an entry is called in lists.
        read: takes what the form sent.
        shown: an entry as the form shows it.
        row: the entry that is made of what was typed.
    """

    name: str
    file: str
    title: str
    label: Callable[[Row], str]
    read: Callable[[web.Request], Awaitable[Given]]
    shown: Callable[[Row | None], Given]
    row: Callable[[Given, Row | None, Bench, Actor], Row]


async def _borrowing(request: web.Request) -> tuple[bool, bool]:
    return bool(await field(request, "borrowed")), bool(await field(request, "confirmed"))


async def _read_card(request: web.Request) -> Given:
    names = {"topic": _SHORT, "questions": 10_000, "text": _LONG, "easy": _LONG}
    texts = {name: await field(request, name, most=most) for name, most in names.items()}
    lists = {"keep": await fields(request, "keep"), "pick": await fields(request, "pick")}
    return Given(texts, lists, *await _borrowing(request))


def _shown_card(row: Row | None) -> Given:
    if row is None:
        return Given({"topic": "", "questions": "", "text": "", "easy": ""}, {"keep": (), "pick": ()})
    texts = {name: str(row[name]) for name in ("topic", "text", "easy")}
    return Given(texts | {"questions": "\n".join(row["questions"])}, {"keep": tuple(row["quotes"]), "pick": ()})


def _card(given: Given, before: Row | None, bench: Bench, actor: Actor) -> Row:
    needed = {"topic": "題名", "text": "回答の文", "easy": "やさしい日本語の文"}
    for name, title in needed.items():
        if not given.texts[name]:
            raise FormIsWrongError(f"{title}を入力してください。")
    questions = _questions(given, before, bench)
    _refuse_persons(given, [given.texts[name] for name in needed], bench)
    quotes = quotes_of(bench.policy, given.lists["keep"], given.lists["pick"])
    if not quotes:
        raise FormIsWrongError("根拠になる方針の文を、1つ以上選んでください。")
    return {
        "id": before["id"] if before else f"card-{secrets.token_hex(4)}",
        "topic": given.texts["topic"],
        "questions": questions,
        "quotes": quotes,
        "text": given.texts["text"],
        "easy": given.texts["easy"],
        "author": actor.name,
        # A changed card speaks again once a second person has published it.
        "approved_by": "",
        "approved_on": None,
        "policy_version": bench.policy.version,
    }


async def _read_gap(request: web.Request) -> Given:
    names = {"label": _SHORT, "questions": 10_000, "nearest": _LONG, "near": 40, "desk": 40}
    texts = {name: await field(request, name, most=most) for name, most in names.items()}
    return Given(texts, {}, *await _borrowing(request))


def _shown_gap(row: Row | None) -> Given:
    if row is None:
        return Given({"label": "", "questions": "", "nearest": "", "near": "", "desk": ""})
    nearest = str(row.get("nearest") or "")
    texts = {"label": str(row["label"]), "nearest": nearest, "near": "keep" if nearest else ""}
    return Given(texts | {"questions": "\n".join(row["questions"]), "desk": str(row.get("desk") or "")})


def _gap(given: Given, before: Row | None, bench: Bench, _actor: Actor) -> Row:
    if not given.texts["label"]:
        raise FormIsWrongError("書かれていないことを入力してください。")
    questions = _questions(given, before, bench)
    _refuse_persons(given, [given.texts["label"]], bench)
    if given.texts["desk"] not in dict(bench.desks):
        raise FormIsWrongError("窓口を選び直してください。")
    return {
        "id": before["id"] if before else f"gap-{secrets.token_hex(4)}",
        "label": given.texts["label"],
        "questions": questions,
        "nearest": _nearest(given, bench),
        "desk": given.texts["desk"],
    }


def _nearest(given: Given, bench: Bench) -> str:
    chosen = given.texts["near"]
    if chosen == "keep":
        return "".join(quotes_of(bench.policy, [given.texts["nearest"]], ()))
    return bench.policy.text[slice(*range_of(bench.policy, chosen))] if chosen else ""


async def _read_words(request: web.Request) -> Given:
    return Given({name: await field(request, name, most=_LONG) for name in ("policy", "members")})


def _shown_words(row: Row | None) -> Given:
    return Given({name: "\n".join(row[name]) if row else "" for name in ("policy", "members")})


def _words(given: Given, _before: Row | None, bench: Bench, _actor: Actor) -> Row:
    policy, members = given.lines("policy"), given.lines("members")
    if not policy or not members:
        raise FormIsWrongError("方針の言葉と会員の言葉を、それぞれ1つ以上入力してください。")
    if any(len(word) > _MOST_WORDS for word in (*policy, *members)):
        raise FormIsWrongError(f"言葉は1行に1つ、{_MOST_WORDS}文字以内で入力してください。")
    strange = [word for word in policy if word not in bench.policy.text]
    if strange:
        raise FormIsWrongError(f"方針に出てこない言葉です：{'、'.join(strange)}")
    _refuse_persons(given, members, bench)
    return {"policy": policy, "members": members}


async def _read_phrase(request: web.Request) -> Given:
    return Given({"text": await field(request, "text", most=_LONG)})


def _shown_phrase(row: Row | None) -> Given:
    return Given({"text": str(row["text"]) if row else ""})


def _phrase(given: Given, before: Row | None, _bench: Bench, _actor: Actor) -> Row:
    fault = phrases.fault_of(given.texts["text"])
    if fault:
        raise FormIsWrongError(fault)
    return {"id": before["id"] if before else "", "text": given.texts["text"]}


def _questions(given: Given, before: Row | None, bench: Bench) -> list[str]:
    """The questions, each once; those that were not there before are looked at for what is of a person."""
    questions = list(dict.fromkeys(given.lines("questions")))
    if len(questions) < _LEAST_QUESTIONS:
        raise FormIsWrongError(f"質問の言い方を、1行に1つ、{_LEAST_QUESTIONS}つ以上入力してください。")
    known = set(before["questions"]) if before else set()
    _refuse_persons(given, [question for question in questions if question not in known], bench)
    return questions


def _refuse_persons(given: Given, texts: Sequence[str], bench: Bench) -> None:
    if given.is_borrowed and not given.is_confirmed:
        raise FormIsWrongError(NOT_CONFIRMED)
    for text in texts:
        reason = refusal_of(text, spared=bench.spared, is_borrowed=given.is_borrowed)
        if reason:
            raise FormIsWrongError(f"「{text}」：{reason}")


def _name_of_words(row: Row) -> str:
    return "、".join(row["policy"])


SORTS: Mapping[str, Sort] = {
    sort.name: sort
    for sort in (
        Sort("cards", CARDS, "カード", lambda row: str(row["topic"]), _read_card, _shown_card, _card),
        Sort("gaps", GAPS, "書かれていないこと", lambda row: str(row["label"]), _read_gap, _shown_gap, _gap),
        Sort("words", WORDS, "言い換え", _name_of_words, _read_words, _shown_words, _words),
        Sort(
            "phrases",
            phrases.FILE_NAME,
            "決まった文",
            lambda row: phrases.TITLES.get(str(row["id"]), str(row["id"])),
            _read_phrase,
            _shown_phrase,
            _phrase,
        ),
    )
}
