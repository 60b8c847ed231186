"""Every sentence that actions say in the project's own words. A test proves that they say no other.

Plain, polite, short: a member in a hurry reads them on a phone. Nothing here promises an outcome, states a fact that
the policy lacks, or names a law.
"""

from __future__ import annotations

from bot import desk_days

# Failures. They never claim that something was filed or was not: the register knows, and a second try tells.
FAILED = "申し訳ありません。うまく処理できませんでした。しばらくしてから、もう一度お試しください。"
TOO_LATE = (
    "申し訳ありません。時間内に処理を終えられませんでした。もう一度お試しください。"
    "お手続きの途中だった場合も、同じ内容を二重に受け付けることはありません。"
)
REFERENCE = "照会番号"

# Answers.
DESK_CAN_BE_ASKED = "方針にないことは、窓口にお尋ねいただけます。"
DESK_ADDRESS = "窓口のメールアドレス"
HOURS_LABEL = desk_days.LABEL
HOURS_IN_POLICY = "受付時間について、方針には次のように書かれています。"
NONE_OF_THESE = "ほかに当てはまりそうな記載は、この方針に見つかりませんでした。"
OUT_OF_SCOPE = (
    "このチャットは、個人情報とその取り扱い方針についてのご質問と、開示などのご請求を承っています。"
    "ご予約・お支払い・ポイントなど、そのほかのご用件にはここではお答えできません。"
)

# Smalltalk.
HELLO = (
    "こんにちは。個人情報の取り扱いについてのご質問に、方針の言葉でお答えします。"
    "開示・訂正・利用停止・消去などのご請求も、ここで承ります。"
)
YOU_ARE_WELCOME = "どういたしまして。ほかにもご質問があれば、お送りください。"
GOODBYE = "ご利用ありがとうございました。またいつでもお声がけください。"
I_AM_A_PROGRAM = (
    "わたしは自動で応答するプログラムです。人ではありません。"
    "お答えは、方針の言葉をそのまま引用したものと、あらかじめ用意された文だけです。"
)
ABOUT_THIS_CHAT = (
    "このチャットは、個人情報保護方針についてのご質問にお答えし、開示などのご請求を受け付ける自動の窓口です。"
    "お名前や連絡先は、ここには書かないでください。必要なときに、専用の安全なページでうかがいます。"
)
CHAT_IS_KEPT_FOR = "会話を保管する日数"
CHAT_IS_READ_BY = "会話を読むことがある人"
CHAT_CAN_BE_DELETED = "会話は消すことができます。受け付けたご請求は、会話を消しても残ります。"
WHAT_NOW = "ご質問か、ご希望のお手続きをお送りください。"
UNDERSTOOD = "わかりました。ご質問やご希望のお手続きがあれば、いつでもお送りください。"
FROM_THE_BEGINNING = "はじめからご案内します。ご質問か、ご希望のお手続きをお送りください。"

# The steps of a request.
NOT_YET_FILED = "まだ受け付けていません。"
REQUEST_BEGINS = "ご請求のお手続きをご案内します。"
WITHDRAWAL_BEGINS = "ご請求の取り下げをご案内します。"
COMPLAINT_BEGINS = "ご不快な思いをおかけしました。苦情のお申し出として、担当者に伝えるお手続きをご案内します。"
INQUIRY_BEGINS = "窓口にご質問を送るお手続きをご案内します。"
POLICY_SAYS_ABOUT_REQUESTS = "お手続きについて、方針には次のように書かれています。"
POLICY_SAYS_ABOUT_CONSEQUENCES = "利用の停止や消去の前に、次のこともご確認ください。"
POLICY_NAMES_DESKS = "担当の窓口について、方針には次のように書かれています。"
ASK_KIND = "どのお手続きをご希望ですか。いちばん近いものをお選びください。"
ASK_MEND = "どのように直しますか。いちばん近いものをお選びください。"
ASK_STOP = "何を止めますか。いちばん近いものをお選びください。"
ASK_REMOVE = "消す理由に近いほうをお選びください。"
ASK_SCOPE = "どの情報についてのお手続きですか。下からお選びください。"
ASK_WORDS = "窓口に伝えたいことを、次のメッセージに書いてお送りください。お名前や連絡先は書かないでください。"
ASK_WORDING = "この文のまま、窓口に送りますか。"
ASK_NEW_WORDING = "窓口に送りたい文を、次のメッセージに書いてください。お名前や連絡先は書かないでください。"
KINDS_LABEL = "お手続き"
QUESTION_LABEL = "窓口に送る文"
SCOPE_LABEL = "対象の情報"
STOPPED_USE_LABEL = "止める使いみち"
STOP_MAIL_PAGE = "会社の配信停止のページでも止められます。"
WORDS_ARE_ATTACHED = "お送りいただいた文も、いっしょに窓口に伝えます。"
ASK_CONFIRM = "この内容でよろしければ、「この内容で受け付ける」を押してください。押したときに受け付けます。"
CONTINUE_HERE = "お手続きの続きです。"
PRESS_THE_BUTTON = "受け付けるには、下の「この内容で受け付ける」を押してください。文字でのお返事では受け付けません。"
ALREADY_RUNNING = "そのお手続きは、いまご案内している途中です。"
OTHER_REQUEST_WAITS = "いま、別のお手続きをご案内している途中です。どのように進めますか。"
CHOICE_IS_OLD = "その選択肢は、いまの段階では使えません。"
REQUEST_IS_OVER = "そのお手続きは、もう終わっているか、取りやめになっています。"
LEFT = "お手続きを取りやめました。何も受け付けていません。"
TOO_MUCH_FILED = (
    "申し訳ありません。この会話で受け付けられる件数に達したため、いまは受け付けられませんでした。"
    "まだ受け付けていません。内容はこのまま残してあります。下の時刻を過ぎたら、もう一度ボタンを押してください。"
)
FILING_RESUMES = "次に受け付けられる日時"
FILING_AT_THE_DESK = "それまでのあいだも、窓口に直接お申し出いただけます。"
FILED_STAYS = (
    "わかりました。受け付け済みのご請求は、そのままです。取り下げたいときは、「取り下げたい」とお送りください。"
)

# Leaving the service.
LEAVING_IS_NOT_HERE = (
    "退会のお手続きは、このチャットではお受けできません。"
    "ここでは、登録された情報の消去や、情報の利用を止めるご請求をお受けしています。"
)
LEAVING_CHOICES = "ご希望のお手続きがあれば、お選びください。退会だけをご希望のときは、窓口にお尋ねください。"

# Handover.
NO_PERSON_HERE = "このチャットに人の担当者はいません。ご質問やご意見は、窓口にお伝えします。"

# Receipts, status, withdrawal.
FILED = "受け付けました。"
NUMBER_LABEL = "受付番号"
RECEIVED_AT_LABEL = "受付日時"
NO_CONTACT_YET = (
    "このままではお返事をお届けできません。下のページで、ご本人かどうかと、お返事の届け先をお知らせください。"
)
DETAILS_ARRIVED = "ご連絡先などを受け取りました。ありがとうございます。担当者が確認します。"
STATUS_OF_THIS_CHAT = "この会話で受け付けたお手続きは、次のとおりです。"
STATUS_NONE = (
    "この会話で受け付けたお手続きはありません。"
    "ほかの日やほかの方法でお申し出になったものは、受付番号でご請求のページを開くとご覧いただけます。"
    "番号がわからないときは、窓口にお尋ねください。"
)
STATE_LABEL = "状況"
SIBLINGS_LABEL = "いっしょに受け付けた会社（それぞれの状況は、ご請求のページに出ています）"
STATE_WITHOUT_CONTACT = "受け付けましたが、このままではお返事をお届けできません。お返事の届け先をお知らせください。"
STATE_RECEIVED = "受け付けました。担当者の確認を待っています。"
STATE_IDENTITY_PENDING = (
    "ご本人かどうかの確認を待っています。していただくことがあれば、ご請求のページに書いてあります。"
)
STATE_IDENTITY_EXPIRED = (
    "ご本人かどうかの確認ができないまま日がたったため、いったん止まっています。ご請求のページから再開できます。"
)
STATE_VERIFIED = "ご本人かどうかの確認が済みました。担当者が調べはじめるのを待っています。"
STATE_SCOPE_PENDING = "担当者からおたずねしたことがあり、お客様のお返事を待っています。ご請求のページでお答えください。"
STATE_IN_REVIEW = "担当者が調べています。お客様にしていただくことは、いまはありません。"
STATE_DECIDED = "担当者の検討が終わりました。会社がお返事をお届けする準備をしています。"
STATE_NOTIFIED = "お返事ができています。ご請求のページでご覧ください。"
STATE_CLOSED = "お手続きは終わりました。内容は、ご請求のページでご覧ください。"
STATE_WITHDRAWN = "取り下げられました。"
DRAFT_WAITS = "ほかに、途中までご案内したお手続きがあります。"
REQUEST_PAGE_LABEL = "ご請求のページ（受付番号で開きます）"
TOO_LATE_TO_WITHDRAW = (
    "担当者の検討が終わっているため、いまからは取り下げられません。お困りのときは、窓口にお尋ねください。"
)
NOTHING_TO_WITHDRAW = (
    "この会話には、取り下げられるお手続きがありません。"
    "ほかの日やほかの方法でお申し出になったものは、受付番号でご請求のページを開くと取り下げられます。"
)
ASK_WITHDRAW = "取り下げるお手続きをお選びください。選ぶと、すぐに取り下げます。まだ取り下げていません。"
WITHDRAWN = "取り下げを受け付けました。"

# Buttons.
CHOICE_SEE = "見たい（開示）"
CHOICE_PURPOSE = "何に使うか知りたい（利用目的の通知）"
CHOICE_RECORD = "だれに渡したか知りたい（第三者提供記録）"
CHOICE_MEND = "直したい・足したい（訂正・追加・削除）"
CHOICE_STOP = "使うのを止めてほしい（利用停止・提供停止）"
CHOICE_REMOVE = "消してほしい（消去）"
CHOICE_COMPLAINT = "苦情"
CHOICE_UNSURE = "わからない"
CHOICE_CORRECT = "直す（訂正）"
CHOICE_ADD_ITEM = "足す（追加）"
CHOICE_TAKE_OUT = "まちがった情報を除く（削除）"
CHOICE_STOP_USE = "会社が使うのを止める（利用停止）"
CHOICE_STOP_GIVING = "ほかの会社に渡すのを止める（第三者提供の停止）"
CHOICE_STOP_ADVERTISING = "広告メール・DMを止める（配信停止）"
CHOICE_STOP_BOTH = "両方（利用停止と第三者提供の停止）"
CHOICE_ERASE = "持っている情報を消してほしい（消去）"
CHOICE_TAKE_OUT_WRONG = "内容がまちがっているので除いてほしい（削除）"
CHOICE_ALL = "わからない・全部"
CHOICE_FILE = "この内容で受け付ける"
CHOICE_LEAVE = "やめる"
CHOICE_GO_ON = "書かずに進む"
CHOICE_KEEP = "いまのお手続きを続ける"
CHOICE_ADD = "両方まとめて進める"
CHOICE_REPLACE = "いまのをやめて、新しいほうにする"
CHOICE_BEGIN = "請求の手続きをはじめる"
CHOICE_ASK_DESK = "窓口に聞いてみる"
CHOICE_AS_IT_IS = "この文で進む"
CHOICE_REWRITE = "書き直す"
CHOICE_KEEP_WORDS = "もとの文で進む"
CHOICE_NONE_OF_THESE = "それ以外"
CHOICE_WITHDRAW = "取り下げる"
LINK_DETAILS = "ご連絡先を入力する（安全なページ）"
