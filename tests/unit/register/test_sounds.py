"""How texts sound does not depend on who speaks at the same time."""

from concurrent.futures import ThreadPoolExecutor

from bot.register.sounds import sound

_TEXTS = [
    "保有個人データの利用停止を請求します。" * 20,
    "登録した電話番号を訂正してください。" * 20,
    "開示をお願いします" * 40,
]


def test_many_may_speak_at_once() -> None:
    alone = [sound(text) for text in _TEXTS]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(sound, _TEXTS * 60))
    assert together == alone * 60
