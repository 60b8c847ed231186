from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.policy.documents import list_policies, load_policy
from bot.policy.faults import PolicyIsUnknownError
from bot.policy.importing import import_for_reading, import_policy
from bot.policy.importing.faults import FileCannotBeReadError, NameIsWrongError, VersionExistsError

TEXT = "プライバシーポリシー\n株式会社さくら（以下「当社」）は、情報を守ります。\n改定日：2024年4月1日\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return tmp_path / "corpus"


def run(
    file: Path, corpus: Path, *, policy_id: str = "sakura", controller: str = "さくら", version: str = "2024-04-01"
) -> None:
    import_policy(file, policy_id=policy_id, controller=controller, version=version, corpus=corpus)


def test_a_version_is_text_and_markdown_and_nothing_else(file: Path, corpus: Path) -> None:
    run(file, corpus)

    files = [path.relative_to(corpus).as_posix() for path in sorted(corpus.rglob("*")) if path.is_file()]
    assert files == ["sakura/privacy/2024-04-01.md", "sakura/privacy/2024-04-01.txt"]
    assert [path.name for path in corpus.iterdir()] == ["sakura"]


def test_the_head_says_what_is_known(file: Path, corpus: Path) -> None:
    run(file, corpus)

    policy = load_policy(corpus, "sakura")
    assert (policy.controller, policy.title, policy.version) == ("さくら", "プライバシーポリシー", "2024-04-01")
    assert (str(policy.effective_date), policy.source) == ("2024-04-01", "policy.txt")


def test_a_version_that_exists_is_never_overwritten(file: Path, corpus: Path) -> None:
    run(file, corpus)
    before = {path: path.read_bytes() for path in corpus.rglob("*.*")}
    file.write_text("別の文です。", encoding="utf-8")

    with pytest.raises(VersionExistsError, match="2024-04-01"):
        run(file, corpus)

    assert {path: path.read_bytes() for path in corpus.rglob("*.*")} == before


def test_a_second_version_stands_beside_the_first(file: Path, corpus: Path) -> None:
    run(file, corpus)
    run(file, corpus, version="2025-04-01")

    assert load_policy(corpus, "sakura", "2024-04-01").text == load_policy(corpus, "sakura").text


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"policy_id": "Sakura"}, PolicyIsUnknownError),
        ({"policy_id": "../sakura"}, PolicyIsUnknownError),
        ({"controller": " "}, NameIsWrongError),
        ({"controller": "さ\x07くら"}, NameIsWrongError),
        ({"version": "2024-13-01"}, NameIsWrongError),
        ({"version": "20240401"}, NameIsWrongError),
        ({"version": "../2024"}, NameIsWrongError),
    ],
)
def test_a_wrong_name_is_refused_and_nothing_written(
    file: Path, corpus: Path, wrong: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        run(file, corpus, **wrong)

    assert not corpus.exists()


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "policy.txt", "empty"),
        (b" \n\t\r\n", "policy.txt", "white space only"),
        ("　\n".encode(), "policy.txt", "white space only"),
        (b"PK\x03\x04\x00\x00\x08", "policy.docx", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "policy.txt", "binary"),
        (b"\xff\xfe\xff\xff\xff", "policy.txt", "UTF-16"),
        (b"\xfd\xfd\x81 \xff\xff", "policy.txt", "neither UTF-8"),
        (b"<html><body><script>1</script></body></html>", "policy.html", "shows no text"),
        (b"%PDF-1.7 broken", "policy.pdf", "cannot be read as a PDF"),
    ],
)
def test_what_holds_no_text_is_refused_and_nothing_written(
    tmp_path: Path, corpus: Path, content: bytes, name: str, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(FileCannotBeReadError, match=says):
        run(file, corpus)

    assert not corpus.exists()


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path, corpus: Path) -> None:
    with pytest.raises(FileCannotBeReadError, match="no such file"):
        run(tmp_path / "nothing.txt", corpus)
    with pytest.raises(FileCannotBeReadError, match="no file"):
        run(tmp_path, corpus)


def test_of_two_who_import_at_once_one_is_told_and_no_files_are_mixed(tmp_path: Path, corpus: Path) -> None:
    files = [tmp_path / f"{name}.txt" for name in "abcdefgh"]
    for path in files:
        path.write_text(f"方針\n{path.stem}社は、情報を守ります。\n", encoding="utf-8")

    def attempt(path: Path) -> bool:
        try:
            run(path, corpus)
        except VersionExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as people:
        done = list(people.map(attempt, files))

    assert sum(done) == 1
    assert load_policy(corpus, "sakura").text == files[done.index(True)].read_text(encoding="utf-8")


def test_reading_imports_once_under_an_id_of_the_content(file: Path, corpus: Path) -> None:
    policy_id = import_for_reading(file, corpus)
    markdown = next((corpus / policy_id).glob("*.md"))
    written = markdown.stat().st_mtime_ns

    assert import_for_reading(file, corpus) == policy_id
    assert markdown.stat().st_mtime_ns == written
    assert list_policies(corpus) == [policy_id]
    file.write_text(f"{TEXT}追記しました。\n", encoding="utf-8")
    assert import_for_reading(file, corpus) != policy_id


def test_reading_guesses_the_company(file: Path, corpus: Path) -> None:
    assert load_policy(corpus, import_for_reading(file, corpus)).controller == "株式会社さくら"


def test_reading_at_once_gives_every_reader_the_same_policy(file: Path, corpus: Path) -> None:
    with ThreadPoolExecutor(8) as readers:
        ids = set(readers.map(lambda _: import_for_reading(file, corpus), range(16)))

    assert len(ids) == 1
    assert load_policy(corpus, ids.pop()).text == TEXT
    assert [path.name for path in corpus.iterdir()] == ["raw"]
