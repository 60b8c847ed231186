// Draws messages. Text reaches the page through textContent only, and links lead to our own pages only,
// so that nothing a server or a member writes can become markup.

const KIND_TITLES = {
  purpose_notice: "利用目的の通知",
  disclosure: "開示",
  correction: "訂正",
  addition: "追加",
  deletion: "削除",
  use_stop: "利用停止",
  erasure: "消去",
  third_party_stop: "第三者提供の停止",
  third_party_record: "第三者提供記録の開示",
  complaint: "苦情",
  inquiry: "お問い合わせ",
};

const OUR_PAGES = /\/(?:policy|request)\//;

const DATE_IN_JAPAN = new Intl.DateTimeFormat("ja-JP", {
  timeZone: "Asia/Tokyo",
  dateStyle: "long",
  timeStyle: "short",
});

/** An element with a class, and text or children. */
export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

/** What the member said. */
export function memberMessage(text) {
  return element(
    "div",
    "message message--member",
    element("span", "visually-hidden", "あなた："),
    element("p", "message__text", text),
  );
}

/** What the assistant said, without its choices: those live as long as they can be pressed, see `choiceGroup`. */
export function assistantMessage(message) {
  const bubble = element(
    "div",
    `message message--assistant message--${message.kind}`,
    element("span", "visually-hidden", "アシスタント："),
  );
  if (message.receipt) bubble.append(receiptCard(message.receipt));
  bubble.append(...drawnParts(message));
  const href = message.link && ownPage(message.link.url);
  if (href) bubble.append(linkButton(href, message.link.title));
  return bubble;
}

/** The buttons of a message; `onChoose` gets the choice that was pressed. */
export function choiceGroup(choices, onChoose) {
  const group = element("div", "choices");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "選択肢");
  choices.forEach((choice, position) => {
    const button = element("button", position === 0 ? "button" : "button button--quiet", choice.title);
    button.type = "button";
    button.addEventListener("click", () => onChoose(choice));
    group.append(button);
  });
  return group;
}

function drawnParts(message) {
  const drawn = [];
  let quotes = null;
  for (const part of message.parts) {
    const citation = part.type === "quote" ? message.citations?.[part.citation] : undefined;
    if (citation && quotes?.section === citation.section) {
      quotes.add(part.text, citation);
      continue;
    }
    quotes = citation ? new QuoteFigure(part.text, citation) : null;
    if (quotes) drawn.push(quotes.figure);
    else if (!isOnReceipt(part, message.receipt)) drawn.push(element("p", `part part--${part.type}`, part.text));
  }
  return drawn;
}

// The card shows number, kind and time already; a computed part that repeats the number would say it twice.
function isOnReceipt(part, receipt) {
  return part.type === "computed" && receipt !== undefined && part.text.includes(receipt.number);
}

/** Quotes of one section that follow each other: one frame, one place, one link that marks them all. */
class QuoteFigure {
  constructor(text, citation) {
    this.section = citation.section;
    this.link = element("a", "quote__place", citation.heading, element("span", "visually-hidden", "（原文を新しいタブで開く）"));
    this.link.target = "_blank";
    this.link.rel = "noopener";
    this.caption = element("figcaption", "quote__caption", element("span", "quote__tag", "方針の原文"), this.link);
    this.figure = element("figure", "quote", this.caption);
    this.href = ownPage(citation.url);
    this.#showQuote(text);
    this.#showHref();
  }

  add(text, citation) {
    this.#showQuote(text);
    if (!this.href) return;
    this.href.searchParams.append("mark", `${citation.start}-${citation.end}`);
    this.#showHref();
  }

  #showQuote(text) {
    this.figure.insertBefore(element("blockquote", "quote__text", text), this.caption);
  }

  #showHref() {
    if (this.href) this.link.href = this.href.href;
  }
}

function receiptCard(receipt) {
  const time = element("time", "", DATE_IN_JAPAN.format(new Date(receipt.received_at)));
  time.dateTime = receipt.received_at;
  return element(
    "dl",
    "receipt",
    ...labelled("receipt__number", "受付番号", receipt.number),
    ...labelled("", "内容", KIND_TITLES[receipt.kind] ?? receipt.kind),
    ...labelled("", "受付日時", time),
  );
}

function labelled(className, label, value) {
  return [element("dt", "", label), element("dd", className, value)];
}

function linkButton(href, title) {
  const link = element("a", "button", title, element("span", "visually-hidden", "（新しいタブで開く）"));
  link.href = href.href;
  link.target = "_blank";
  link.rel = "noopener";
  return element("p", "message__link", link);
}

// Links are built on the public address, which need not be the one this page was opened at; the page itself
// is always ours, so its path is opened here and a foreign host can never be reached.
function ownPage(url) {
  if (!URL.canParse(url, location.href)) return null;
  const { pathname, search, hash } = new URL(url, location.href);
  return OUR_PAGES.test(pathname) ? new URL(pathname + search + hash, location.origin) : null;
}
