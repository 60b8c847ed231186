"""Ten questions about the first policy that the benchmarks ask; no question set holds them."""

QUESTIONS = (
    "口座情報は何のために使いますか",
    "個人情報は何年保存されますか",
    "業務を委託するときの監督について教えて",
    "返金の処理に使う情報はどれですか",
    "通信は暗号化されていますか",
    "従業員の教育はしていますか",
    "ブラウザでクッキーを断れますか",
    "共同利用の責任者はだれですか",
    "利用停止にするとどうなりますか",
    "受付時間を教えてください",
)
