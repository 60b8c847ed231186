from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.register.identity.models import ProofSort
from bot.register.identity.proof_table import BUILT_IN, ProofTableIsWrongError, load_proof_table
from bot.register.kinds import FILED_KINDS, Kind
from bot.register.models import Role

MAILBOX, COLLATION, DOCUMENT = ProofSort.MAILBOX_CODE, ProofSort.COLLATION, ProofSort.DOCUMENT


@pytest.mark.parametrize(
    ("kind", "scope", "role", "expected"),
    [
        (Kind.USE_STOP, "広告・宣伝（DM・メール）", Role.SELF, MAILBOX),
        (Kind.USE_STOP, "広告・宣伝（DM・メール）", Role.APPOINTED_AGENT, MAILBOX),
        (Kind.USE_STOP, "予約履歴", Role.SELF, COLLATION),
        (Kind.USE_STOP, None, Role.SELF, COLLATION),
        (Kind.PURPOSE_NOTICE, None, Role.SELF, MAILBOX),
        (Kind.PURPOSE_NOTICE, None, Role.BEREAVED, DOCUMENT),
        (Kind.COMPLAINT, None, Role.SELF, None),
        (Kind.INQUIRY, "口座情報", Role.APPOINTED_AGENT, None),
        (Kind.CORRECTION, "会員情報", Role.SELF, COLLATION),
        (Kind.ADDITION, None, Role.SELF, COLLATION),
        (Kind.DELETION, None, Role.SELF, COLLATION),
        (Kind.ERASURE, None, Role.SELF, COLLATION),
        (Kind.THIRD_PARTY_STOP, None, Role.SELF, COLLATION),
        (Kind.DISCLOSURE, "予約履歴", Role.SELF, COLLATION),
        (Kind.DISCLOSURE, "予約履歴・口座情報", Role.SELF, DOCUMENT),
        (Kind.THIRD_PARTY_RECORD, "健康情報", Role.SELF, DOCUMENT),
        (Kind.DISCLOSURE, "予約履歴", Role.LEGAL_REPRESENTATIVE, DOCUMENT),
        (Kind.CORRECTION, "会員情報", Role.BEREAVED, DOCUMENT),
    ],
)
def test_the_built_in_table(kind: Kind, scope: str | None, role: Role, expected: ProofSort | None) -> None:
    assert load_proof_table().row(kind, scope, role, collation_failed=False).sort == expected


def test_a_failed_collation_asks_for_a_document_where_facts_were_to_be_compared() -> None:
    table = load_proof_table()

    after = {kind: table.row(kind, None, Role.SELF, collation_failed=True).sort for kind in FILED_KINDS}

    assert {kind for kind, sort in after.items() if sort != DOCUMENT} == {
        Kind.PURPOSE_NOTICE,
        Kind.COMPLAINT,
        Kind.INQUIRY,
    }


def test_every_row_gives_its_reason_in_a_polite_sentence() -> None:
    assert all(row.reason.endswith(("ます。", "ません。")) for row in load_proof_table().rows)


def changed(**changes: object) -> dict[str, object]:
    return {**yaml.safe_load(BUILT_IN.read_text(encoding="utf-8")), **changes}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (changed(rows=[{"proof": "none", "reason": "x"}] * 2 + [{"proof": "code", "reason": "x"}]), "row 3.proof"),
        (changed(rows=[{"kinds": ["disclosures"], "proof": "none", "reason": "x"}]), "row 1.kinds"),
        (changed(rows=[{"kinds": [], "proof": "none", "reason": "x"}]), "row 1.kinds"),
        (changed(rows=[{"proof": "none"}]), "row 1.reason"),
        (changed(rows=[{"proof": "none", "reason": "x", "scope": "広告"}]), "row 1.scope"),
        (changed(rows=[{"kinds": ["disclosure"], "proof": "none", "reason": "x"}]), "the last row must fit every"),
        (changed(rows=[]), "rows"),
        (changed(least_facts=0), "least_facts"),
        (changed(address_facts={"email": "合言葉"}), "address_facts"),
        ("rows: [", "no YAML (line"),
        ("", "valid dictionary"),
        (None, "cannot be read (FileNotFoundError)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_and_row(tmp_path: Path, content: object, fault: str) -> None:
    path = tmp_path / "proofs.yml"
    if content is not None:
        text = content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True)
        path.write_text(text, encoding="utf-8")

    with pytest.raises(ProofTableIsWrongError) as error:
        load_proof_table(path)

    assert str(error.value).startswith(f"{path}: ")
    assert fault in str(error.value)


def test_the_owner_s_table_counts(tmp_path: Path) -> None:
    path = tmp_path / "proofs.yml"
    rows = [{"proof": "document", "reason": "書類で確認します。"}]
    path.write_text(yaml.safe_dump(changed(rows=rows), allow_unicode=True), encoding="utf-8")

    assert load_proof_table(path).row(Kind.INQUIRY, None, Role.SELF, collation_failed=False).sort == DOCUMENT
