from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.register.kinds import FILED_KINDS, Kind, detect, read
from bot.settings import load

LABELLED = Path(__file__).with_name("kinds.tsv")
# Written before the rules were looked at again, in two parts of 83 and 40: they came out at 0.87 and 0.90. Their misses
# have been mended since, so that they too now only catch a step back.
HELD_OUT = Path(__file__).with_name("kinds_heldout.tsv")
# A few sentences of ours have a wrong kanji whose reading is another one; nobody can hear the word in them.
LEAST = 0.95


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def _share(pairs: list[tuple[str, str]]) -> float:
    wrong = [(text, want, "+".join(detect(text))) for text, want in pairs if set(detect(text)) != _kinds(want)]
    print(*wrong, sep="\n")  # noqa: T201 - shown by pytest when the share is too small
    return 1 - len(wrong) / len(pairs)


def _kinds(joined: str) -> set[Kind]:
    return {Kind(name.removesuffix("_disclosure")) for name in joined.split("+") if name}


@pytest.mark.parametrize("path", [LABELLED, HELD_OUT], ids=lambda path: path.stem)
def test_our_own_sentences(path: Path) -> None:
    pairs = [(row["text"], row["kinds"]) for row in _rows(path)]

    assert len(pairs) >= 120
    assert _share(pairs) >= LEAST


@pytest.mark.shared
def test_the_requests_of_the_question_set() -> None:
    path = load().shared / "questions" / "dev.tsv"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    pairs = [(row["utterance"], row["request_type"]) for row in _rows(path) if row["kind"] == "action"]

    assert _share(pairs) >= LEAST


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("間違った番号を消して", [Kind.DELETION]),
        ("番号を消して", [Kind.ERASURE]),
        ("登録した番号が間違っています。消してください", [Kind.DELETION]),
        ("間違いだらけだから、データは全部消して", [Kind.ERASURE]),
        ("メルマガもとめて", [Kind.USE_STOP]),
        ("開示してくれた人の連絡を待っています。請求の件はまだですか", [Kind.STATUS]),
        ("消さないで", []),
        ("", []),
    ],
)
def test_neighbouring_kinds_are_told_apart(text: str, kinds: list[Kind]) -> None:
    assert detect(text) == kinds


@pytest.mark.parametrize(
    ("text", "is_unclear"),
    [
        ("削除してください", True),
        ("電話番号を削除して", True),
        ("けして", True),
        ("個人情報を削除してください", False),
        ("もう使わないので電話番号を消して", False),
        ("消去してください", False),
        ("間違った番号を削除して", False),
        ("開示してください", False),
    ],
)
def test_it_is_known_whether_a_removal_has_a_reason(text: str, *, is_unclear: bool) -> None:
    assert read(text).removal_is_unclear is is_unclear


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("メルマガ止めて", True),
        ("DMいらない", True),
        ("配信停止をお願いします", True),
        ("個人情報の利用停止", False),
        ("広告に私の情報を使うのはやめて", False),
        ("メルマガを変更して", False),
    ],
)
def test_stopping_advertisements_is_told_from_other_uses(text: str, *, stops: bool) -> None:
    assert read(text).stops_advertising is stops


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("退会したい", True),
        ("アカウントを消したい", True),
        ("会員登録を削除してほしい", True),
        ("退会して情報も消して", False),
        ("退会したので電話番号を消して", False),
        ("退会したのにメールが届く。止めて", False),
        ("退会後の扱い", False),
    ],
)
def test_only_leaving_is_no_kind(text: str, *, leaves: bool) -> None:
    wish = read(text)
    assert wish.only_leaves is leaves
    assert bool(wish.kinds) is not leaves or text == "退会後の扱い"


def test_kinds_come_in_one_order() -> None:
    assert detect("データを消して、広告も止めて、住所も直して") == detect("住所を直して、広告も止めて、データも消して")


def test_a_wish_about_a_running_request_stands_alone() -> None:
    assert detect("開示の請求を取り下げたい") == [Kind.WITHDRAW]


def test_every_kind_has_a_title_and_two_are_not_filed() -> None:
    assert len({kind.title for kind in Kind}) == len(Kind)
    assert set(Kind) - set(FILED_KINDS) == {Kind.STATUS, Kind.WITHDRAW}


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert set(detect(text)) <= set(Kind)


@pytest.mark.parametrize("text", ["\x00", "\ud800", "🙏" * 3000, "消して" * 5000, "。" * 5000, "ー" * 5000])
def test_odd_texts_are_read(text: str) -> None:
    assert set(detect(text)) <= set(Kind)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("第三者提共の亭止を請求します", [Kind.THIRD_PARTY_STOP]),
        ("知らん会社に流さんといて", [Kind.THIRD_PARTY_STOP]),
        ("どこに番号を売ったのか白状して", [Kind.THIRD_PARTY_RECORD]),
        ("個人情報の会示をお願いします", [Kind.DISCLOSURE]),
    ],
)
def test_misspelt_and_misread_words_are_heard(text: str, kinds: list[Kind]) -> None:
    assert detect(text) == kinds


def test_a_grievance_makes_no_wish_of_a_statement_beside_it() -> None:
    wish = read("他のお客様の前で私の持病を口にされ、遺憾に思います")
    assert (wish.kinds, wish.is_displeased) == ((Kind.COMPLAINT,), True)
