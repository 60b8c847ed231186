"""Every limit of LINE and Slack in one place, each with where it is written.

A limit that only prose states (LINE's 5,000 and 20, all of Slack's) is not enforced by the vendors' SDKs: a message
beyond it is refused by the platform, so that the member gets nothing. Whoever changes a number checks the page.
"""

from __future__ import annotations

# LINE, https://developers.line.biz/en/reference/messaging-api/ unless another page is named.

LINE_WEBHOOK_BYTES = 1024 * 1024
"""Largest webhook body we read; a real one with all its events is a few kilobytes. Our own bound."""

LINE_ANSWER_SECONDS = 1.8
"""Seconds after which a webhook whose events are not stored yet is answered 503: LINE waits for two
(/docs/messaging-api/check-webhook-error-statistics/), and delivers again what failed."""

LINE_MESSAGES = 5
"""Message objects in one reply (#send-reply-message; `maxItems` in the published schema)."""

LINE_TEXT_UNITS = 5000
"""UTF-16 code units in a text message (#text-message, /docs/messaging-api/text-character-count/)."""

LINE_QUICK_REPLIES = 13
"""Buttons under a message (#quick-reply; `maxItems` in the published schema)."""

LINE_LABEL_GRAPHEMES = 20
"""Grapheme clusters in an action's label (#postback-action, /docs/messaging-api/text-character-count/)."""

LINE_DISPLAY_TEXT_GRAPHEMES = 300
"""Grapheme clusters in the text a tap shows as the member's own (#postback-action)."""

LINE_REPLY_SECONDS = 60
"""Seconds after the webhook in which its reply token works, once (#send-reply-message)."""

LINE_HOLD_SECONDS = 45
"""Seconds after which the token goes to 「続きを見る」 when there is no answer. Our own: well within the minute, and
long after nearly every answer."""

LINE_LOADING_AFTER_SECONDS = 1
"""Seconds without an answer after which the member is shown that one is being made. Our own."""

LINE_LOADING_SECONDS = 45
"""Seconds the loading indicator stays if no message comes: 5 to 60, by fives (#display-a-loading-indicator)."""

LINE_ALT_TEXT_UNITS = 1500
"""Characters of a Flex message's altText (#flex-message); we count UTF-16 units, which are never fewer."""

LINE_BUBBLE_BYTES = 30 * 1024
"""Bytes of a bubble's JSON (#bubble)."""

LINE_URI_CHARACTERS = 1000
"""Characters of a link's address (#uri-action)."""

LINE_RETRY_KEY_HOURS = 24
"""Hours in which the same `X-Line-Retry-Key` is not sent twice (/docs/messaging-api/retrying-api-request/)."""

# Slack, https://docs.slack.dev/reference/block-kit/ unless another page is named.

SLACK_WEBHOOK_BYTES = 1024 * 1024
"""Largest request body we read. Our own bound."""

SLACK_ANSWER_SECONDS = 2.7
"""Seconds after which a request whose event is not stored yet is answered 503: Slack waits for three, and delivers
again what failed at once, after a minute and after five (/apis/events-api/)."""

SLACK_BLOCKS = 50
"""Blocks in one message (/blocks/)."""

SLACK_SECTION_CHARACTERS = 3000
"""Characters of a section's text, counted after escaping (/blocks/section-block/)."""

SLACK_BUTTONS = 25
"""Elements in one actions block (/blocks/actions-block/)."""

SLACK_BUTTON_CHARACTERS = 75
"""Characters of a button's text (/block-elements/button-element/)."""

SLACK_URL_CHARACTERS = 3000
"""Characters of an address that a button opens (/block-elements/button-element/). The button's value (2,000) and the
ids of blocks and actions (255) are of our making, and far below."""

SLACK_FALLBACK_CHARACTERS = 4000
"""Characters of `text`, shown in notifications and by screen readers (/methods/chat.postMessage/, best practice)."""

SLACK_MESSAGE_CHARACTERS = 12_000
"""Characters of all blocks together. Not published: messages of 13,200 were refused with `msg_blocks_too_long`
(https://github.com/slackapi/bolt-js/issues/2509); `markdown` blocks may hold 12,000 (/blocks/markdown-block/)."""

SLACK_LINK_GRAPHEMES = 200
"""Characters of a link's title in a text, so that address and title stay below a text object's 3,000. Our own bound."""

SLACK_SECONDS_BETWEEN_POSTS = 1.0
"""Seconds from one post to the next in the same channel (/apis/web-api/rate-limits, `chat.postMessage`)."""

SLACK_HISTORY = 50
"""Messages of a direct conversation that are looked through for a post whose fate is unknown. Our own bound."""
