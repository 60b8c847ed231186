from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import TOKYO, in_tokyo
from bot.desk import Desk, is_open, is_working_day, load_desk
from bot.desk_days import Opening, computed_hours, next_opening, openings

FOLDER = Path(__file__).parents[2] / "policy_corpus" / "eparkrelax" / "privacy"
DESK = load_desk(FOLDER)
# A Wednesday on which the desk is open.
NOW = datetime(2026, 11, 25, 11, 20, tzinfo=TOKYO)
BEFORE_AUGUST = datetime(2026, 7, 30, 9, 0, tzinfo=TOKYO)

MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(TOKYO))  # noqa: DTZ001 - see timezones
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))
TIMES = st.builds(time, st.integers(7, 23), st.sampled_from([0, 15, 30, 45]))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("窓口は8月12日に開いていますか", "8月12日（水）：受付時間外です。次の受付は8月18日（火）午前10時からです。"),
        ("８月１０日は受付していますか", "8月10日（月）：午前10時から午後7時まで受け付けています。"),
        (
            "お盆は窓口やってる？",
            "8月13日（木）～8月16日（日）：受付時間外です。次の受付は8月18日（火）午前10時からです。",
        ),
        ("明日やってますか", "7月31日（金）：午前10時から午後7時まで受け付けています。"),
        ("窓口は今つながりますか", "7月30日（木）午前9時：受付時間外です。次の受付は7月30日（木）午前10時からです。"),
        ("次はいつ開くの", "次の受付は7月30日（木）午前10時からです。"),
        (
            "八月十一日に電話してもいいですか",
            "8月11日（火）：受付時間外です。次の受付は8月18日（火）午前10時からです。",
        ),
        (
            "窓口は年末もやってますか",
            "12月28日（月）～12月31日（木）：受付時間外です。次の受付は2027年1月5日（火）午前10時からです。",
        ),
    ],
)
def test_what_a_member_reads(question: str, told: str) -> None:
    assert computed_hours(question, BEFORE_AUGUST, DESK) == (told,)


@pytest.mark.parametrize(
    ("question", "first", "at", "opened"),
    [
        ("土曜も問い合わせできますか", date(2026, 11, 28), None, False),
        ("来週の火曜は窓口開いてる？", date(2026, 12, 1), None, True),
        ("窓口は明後日やってます？", date(2026, 11, 27), None, True),
        ("20時でも電話つながる？", date(2026, 11, 25), time(20), False),
        ("午後3時半に電話しても大丈夫ですか", date(2026, 11, 25), time(15, 30), True),
        ("3時に窓口へ連絡したい", date(2026, 11, 25), time(15), True),
        ("9時半に窓口は開いてますか", date(2026, 11, 26), time(9, 30), False),
        ("窓口は祝日も対応してますか", date(2027, 1, 1), None, False),
        ("1/5に問い合わせしたい", date(2027, 1, 5), None, True),
        ("来月の7日は受付してますか", date(2026, 12, 7), None, True),
        ("元旦に連絡つきますか", date(2027, 1, 1), None, False),
        ("2/29は窓口やってますか", date(2028, 2, 29), None, True),
    ],
)
def test_which_day_is_meant(question: str, first: date, at: time | None, *, opened: bool) -> None:
    (found,) = openings(question, NOW, DESK)

    assert (found.first, found.at, found.is_open) == (first, at, opened)


@pytest.mark.parametrize(
    "question",
    [
        "8月12日の予約",
        "8月12日の予約は変更できますか",
        "明日サロンやってる？",
        "今の利用目的は何ですか",
        "今すぐ配信停止して",
        "8/15に窓口から連絡が来ました",
        "昨日問い合わせしたけど返事は？",
        "明日までに連絡ください",
        "8月12日",
        "土曜は？",
        "受付時間を教えてください",
        "窓口の電話番号は？",
        "一時的に利用停止できますか",
        "13月40日は窓口やってますか",
        "",
    ],
)
def test_other_questions_get_nothing(question: str) -> None:
    assert openings(question, NOW, DESK) == ()


@pytest.mark.parametrize(
    "question",
    [
        "8月12日は？",
        "今は",
        "20時でも？",
        "じゃあ土曜は？",
        "お盆は",
        "年末は？",
        "15日はどうですか",
        "次はいつですか",
        "祝日も？",
    ],
)
def test_a_bare_time_is_understood_after_the_hours_were_shown(question: str) -> None:
    assert openings(question, NOW, DESK) == ()
    assert len(openings(question, NOW, DESK, follows=True)) == 1


@pytest.mark.parametrize("question", ["8月12日の予約", "それはなぜ？", "じゃあ、今の利用目的は？", "メールは？"])
def test_another_subject_is_no_follow_up(question: str) -> None:
    assert openings(question, NOW, DESK, follows=True) == ()


def test_several_days_are_answered_each_and_at_most_three() -> None:
    text = "窓口は8/10と8/11と8/18と8/19はやってますか"

    assert [found.first.day for found in openings(text, BEFORE_AUGUST, DESK)] == [10, 11, 18]


def test_a_policy_that_says_nothing_about_hours_computes_nothing() -> None:
    silent = DESK.model_copy(update={"quotes": {}})

    assert openings("窓口は8月12日に開いていますか", NOW, silent) == ()


def test_a_desk_that_never_opens_names_no_next_time() -> None:
    never = DESK.model_copy(update={"hours": DESK.hours.model_copy(update={"weekdays": ()})})

    assert next_opening(never, NOW) is None
    assert computed_hours("窓口は8月12日に開いていますか", BEFORE_AUGUST, never) == ("8月12日（水）：受付時間外です。",)
    assert computed_hours("窓口は次はいつ開く？", NOW, never) == ()


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        openings("窓口は今開いてますか", datetime(2026, 11, 24, 12, 0), DESK)  # noqa: DTZ001 - what is refused here


def test_the_moment_counts_on_japanese_clocks() -> None:
    (found,) = openings("窓口は今日開いてますか", datetime(2026, 11, 25, 16, 0, tzinfo=UTC), DESK)

    assert found.first == date(2026, 11, 26)


def agrees(found: Opening, desk: Desk, now: datetime) -> bool:
    """Whether an answer says what the calendar says."""
    days = [found.first + timedelta(days=ahead) for ahead in range((found.last - found.first).days + 1)]
    if found.at is not None:
        opened = is_open(desk, datetime.combine(found.first, found.at, TOKYO))
    else:
        opened = any(is_working_day(desk, day) for day in days)
    if found.reopens is None:
        return opened and found.is_open
    before = found.reopens - timedelta(seconds=1)
    return (
        found.is_open is opened and is_open(desk, found.reopens) and not is_open(desk, before) and found.reopens > now
    )


@given(now=MOMENTS, day=DAYS, at=st.none() | TIMES)
def test_every_day_and_time_agrees_with_the_calendar(now: datetime, day: date, at: time | None) -> None:
    when = f"{day.month}月{day.day}日" + (f"{at:%H:%M}" if at else "")
    (found,) = openings(f"窓口は{when}に開いていますか", now, DESK)

    assert (found.first.month, found.first.day, found.at) == (day.month, day.day, at)
    assert found.first >= in_tokyo(now).date()
    assert agrees(found, DESK, now)


@given(
    now=MOMENTS,
    when=st.sampled_from(
        [
            "今",
            "今日",
            "明日",
            "あさって",
            "土曜",
            "来週の水曜",
            "週末",
            "祝日",
            "お盆",
            "年末年始",
            "GW",
            "正月",
            "大晦日",
            "15日",
        ]
    ),
)
def test_every_name_of_a_time_agrees_with_the_calendar(now: datetime, when: str) -> None:
    (found,) = openings(f"窓口は{when}やってますか", now, DESK)

    assert agrees(found, DESK, now)


@given(now=MOMENTS)
def test_the_next_opening_is_the_first_one_that_comes(now: datetime) -> None:
    opens = next_opening(DESK, now)

    assert opens is not None
    assert opens > now
    assert opens.time() == DESK.hours.opens
    between = (now.date() + timedelta(days=ahead) for ahead in range(1, (opens.date() - now.date()).days))
    assert not any(is_working_day(DESK, day) for day in between)


@given(question=st.text(max_size=80), follows=st.booleans())
def test_any_text_is_read(question: str, *, follows: bool) -> None:
    assert all(agrees(found, DESK, NOW) for found in openings(question, NOW, DESK, follows=follows))
