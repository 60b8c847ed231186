"""A file is whole or not there."""

from pathlib import Path

import pytest

from bot.storage.whole_files import write_whole


def test_it_is_written_into_a_new_folder_and_replaced_later(tmp_path: Path) -> None:
    place = tmp_path / "new" / "file"
    write_whole(place, b"first")
    write_whole(place, b"second")
    assert place.read_bytes() == b"second"
    assert [path.name for path in place.parent.iterdir()] == ["file"]


def test_what_cannot_be_put_into_its_place_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "taken"
    (place / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="taken"):
        write_whole(place, b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
