from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import BadInputError
from bot.policy.citations import find_quote
from bot.policy.companions import companions_of, is_companion
from bot.policy.documents import list_policies, load_policy
from tests.support.small_policy import ID, MARKDOWN, SOURCE, VERSION, write_small_policy


def write_document(corpus: Path, policy_id: str, *, role: str = "companion", title: str = "会員規約") -> None:
    """The small policy as a document of its own."""
    head = MARKDOWN.replace(f"policy: {ID}", f"policy: {policy_id}\nrole: {role}")
    text = head.replace("title: プライバシーポリシー", f"title: {title}")
    made = write_small_policy(corpus / "made", markdown=text)
    folder = corpus / policy_id
    folder.parent.mkdir(parents=True, exist_ok=True)
    made.parent.rename(folder)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_small_policy(tmp_path)
    write_document(tmp_path, "sakura/terms")
    write_document(tmp_path, "sakura/about", title="運営概要")
    write_document(tmp_path, "sakura/app-privacy", role="policy")
    write_document(tmp_path, "ume/terms")
    return tmp_path


def test_companions_are_the_other_documents_of_the_controller_that_say_so(corpus: Path) -> None:
    assert companions_of(corpus, "sakura") == ["sakura/about", "sakura/terms"]
    assert companions_of(corpus, "sakura/app-privacy") == ["sakura/about", "sakura/terms"]


def test_a_companion_has_none(corpus: Path) -> None:
    assert companions_of(corpus, "sakura/about") == []
    assert is_companion(corpus, "sakura/about")
    assert not is_companion(corpus, ID)


def test_it_is_listed_loaded_and_cited_like_a_policy(corpus: Path) -> None:
    terms = load_policy(corpus, "sakura/terms")
    quote = find_quote(terms, "保存期間 受注から7年", base_url="https://example.jp")

    assert "sakura/terms" in list_policies(corpus)
    assert (terms.title, terms.text) == ("会員規約", SOURCE)
    assert (quote.policy, quote.url.split("?")[0]) == (
        "sakura/terms",
        f"https://example.jp/policy/sakura/terms/{VERSION}",
    )


def test_the_first_policy_ships_none() -> None:
    assert companions_of(Path(__file__).parents[3] / "policy_corpus", "eparkrelax") == []


def test_a_policy_alone_has_none(tmp_path: Path) -> None:
    write_small_policy(tmp_path)

    assert companions_of(tmp_path, ID) == []


def test_a_role_that_nobody_knows_is_told(tmp_path: Path) -> None:
    write_small_policy(tmp_path)
    write_document(tmp_path, "sakura/faq", role="other")

    with pytest.raises(BadInputError, match=r"faq/2025-04-01\.md: front matter: role: Input should be 'policy' or"):
        companions_of(tmp_path, ID)
