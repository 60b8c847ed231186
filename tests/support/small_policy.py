"""A second, small policy of an invented company, written unlike the first: lines, 第n条, other tables, a date."""

from __future__ import annotations

import hashlib
from pathlib import Path

ID = "sakura/privacy"
VERSION = "2025-04-01"

SOURCE = """\
ホーム > 会社情報

プライバシーポリシー
さくら商店（以下「当店」）は、お客様の情報を次のとおり扱います。
第１条（利用目的）
当店は、次の目的で利用します。
商品の発送
1. お問い合わせへの回答|連絡
第２条（委託）
当店は、業務の一部を委託します。委託先は次のとおりです。
委託先 業務 情報
さくら運輸 配送
集荷 氏名、住所
もみじ印刷 宛名の印刷 氏名
委託先は変わることがあります。
保存期間 受注から7年
お問い合わせ
電話（平日のみ。祝日を除く。）で受け付けます。（12時から13時は休みます。）よろしくお願いします。
© さくら商店
"""

MARKDOWN = """\
---
controller: さくら商店
policy: sakura/privacy
title: プライバシーポリシー
version: 2025-04-01
effective_date: 2025-04-01
source: 手で書いた例
sha256: {sha256}
omitted:
  - {{from: "ホーム > 会社", to: 会社情報}}
  - {{from: ©, to: さくら商店}}
---

# プライバシーポリシー

さくら商店（以下「当店」）は、お客様の情報を次のとおり扱います。

## 第１条（利用目的）

当店は、次の目的で利用します。

- 商品の発送
- 1\\. お問い合わせへの回答|連絡

## 第２条（委託）

当店は、業務の一部を委託します。
委託先は次のとおりです。

| 委託先 | 業務 | 情報 |
| --- | --- | --- |
| **さくら運輸** | 配送<br>集荷 | 氏名、住所 |
| もみじ印刷 | 宛名の印刷 | 氏名 |

委託先は変わることがあります。

保存期間
: 受注から7年

## お問い合わせ

電話（平日のみ。祝日を除く。）で受け付けます。（12時から13時は休みます。）よろしくお願いします。
"""


def write_small_policy(corpus: Path, *, markdown: str = MARKDOWN, source: str = SOURCE) -> Path:
    """Writes the policy into a corpus folder and gives the path of its Markdown."""
    folder = corpus / ID
    folder.mkdir(parents=True, exist_ok=True)
    content = source.encode()
    (folder / f"{VERSION}.txt").write_bytes(content)
    path = folder / f"{VERSION}.md"
    path.write_text(markdown.format(sha256=hashlib.sha256(content).hexdigest()), encoding="utf-8")
    return path
