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

const RECEIPT_NUMBER = /^K\d{6}-/;

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
  const { receipt } = message;
  // A message that names its number itself has the card among its parts.
  if (receipt && !message.parts.some((part) => part.text === receipt.number)) bubble.append(receiptCard(receipt));
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

// Parts that belong together become one element: quotes of one section, and labels with their values.
function drawnParts(message) {
  const drawn = [];
  let open = null;
  message.parts.forEach((part, position) => {
    const citation = part.type === "quote" ? message.citations?.[part.citation] : undefined;
    const joined = open?.take(part, citation, message.parts[position + 1]);
    if (joined) return;
    open = null;
    if (citation) open = new QuoteFigure(part.text, citation);
    else if (isLabel(part, message.parts[position + 1])) open = new Facts(part.text, message.receipt);
    drawn.push(open ? open.figure : element("p", `part part--${part.type}`, part.text));
  });
  return drawn;
}

// A fixed part that leads to a value without being a sentence names it.
function isLabel(part, next) {
  return part.type === "fixed" && next?.type === "computed" && !/[。！？：]$/.test(part.text);
}

/** Labels with their values, one list; with a receipt's number among them it is the receipt. */
class Facts {
  constructor(label, receipt) {
    this.receipt = receipt;
    this.figure = element("dl", "facts");
    this.#addLabel(label);
  }

  take(part, _citation, next) {
    if (part.type === "computed") this.#addValue(part.text);
    else if (isLabel(part, next)) this.#addLabel(part.text);
    else return false;
    return true;
  }

  #addLabel(label) {
    this.figure.append(element("dt", "", label));
  }

  #addValue(value) {
    const isNumber = RECEIPT_NUMBER.test(value);
    if (isNumber && value === this.receipt?.number) this.figure.classList.add("facts--receipt");
    this.figure.append(element("dd", isNumber ? "facts__number" : "", value));
  }
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

  take(part, citation) {
    if (citation?.section !== this.section) return false;
    this.#showQuote(part.text);
    this.href?.searchParams.append("mark", `${citation.start}-${citation.end}`);
    this.#showHref();
    return true;
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
    "facts facts--receipt",
    element("dt", "", "受付番号"),
    element("dd", "facts__number", receipt.number),
    element("dt", "", "お手続き"),
    element("dd", "", KIND_TITLES[receipt.kind] ?? receipt.kind),
    element("dt", "", "受付日時"),
    element("dd", "", time),
  );
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
