// Draws messages. Text reaches the page through textContent only, and links lead to our own pages only,
// so that nothing a server or a member writes can become markup.

const RECEIPT_NUMBER = /^K\d{6}-/;

const OUR_PAGES = /^\/(?:policy|request)(?:\/|$)/;

/** An element with a class, and text or children. */
export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

const hidden = (text) => element("span", "visually-hidden", text);

/** A button that does no more than what it is given to do. */
export function button(title, onPress, className = "button button--quiet") {
  const made = element("button", className, title);
  made.type = "button";
  made.addEventListener("click", onPress);
  return made;
}

/** Buttons that belong together, with a name for those who do not see that. */
export function group(className, label, ...buttons) {
  const made = element("div", className, ...buttons);
  made.role = "group";
  made.ariaLabel = label;
  return made;
}

/** What the member said. */
export const memberMessage = (text) => element("div", "message message--member", hidden("あなた："), element("p", "", text));

/** What the assistant said, without its choices: those live as long as they can be pressed, see `choiceGroup`. */
export function assistantMessage(message) {
  const bubble = element("div", `message message--assistant message--${message.kind}`, hidden("アシスタント："));
  bubble.append(...drawnParts(message));
  const href = message.link && ownPage(message.link.url);
  if (href) bubble.append(element("p", "", newTab(element("a", "button", message.link.title), href)));
  return bubble;
}

/** The buttons of a message; `onChoose` gets the choice that was pressed. */
export function choiceGroup(choices, onChoose) {
  const buttons = choices.map((choice, position) =>
    button(choice.title, () => onChoose(choice), position ? undefined : "button"),
  );
  return group("choices", "選択肢", ...buttons);
}

/** Whether an answer helped, as two buttons of which one may be pressed; `judge` tells whether the word was kept. */
export function feedbackGroup(given, judge) {
  const verdicts = [true, false];
  const buttons = verdicts.map((helpful) =>
    button(
      helpful ? "役に立った" : "役に立たなかった",
      async () => {
        if (await judge(helpful)) press(helpful);
      },
      "feedback__button",
    ),
  );
  const press = (pressed) => buttons.forEach((made, at) => (made.ariaPressed = String(verdicts[at] === pressed)));
  press(given);
  return group("feedback", "この回答は役に立ちましたか", ...buttons);
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
    if (citation) open = new QuoteFigure(citation);
    else if (isLabel(part, message.parts[position + 1])) open = new Facts(message.receipt);
    open?.take(part, citation, message.parts[position + 1]);
    drawn.push(open ? open.figure : element("p", `part--${part.type}`, part.text));
  });
  return drawn;
}

// A fixed part that leads to a value without being a sentence names it.
function isLabel(part, next) {
  return part.type === "fixed" && next?.type === "computed" && !/[。！？：]$/.test(part.text);
}

/** Labels with their values, one list; with a receipt's number among them it is the receipt. */
class Facts {
  figure = element("dl", "facts");

  constructor(receipt) {
    this.receipt = receipt;
  }

  take(part, _citation, next) {
    if (part.type === "computed") this.#addValue(part.text);
    else if (isLabel(part, next)) this.figure.append(element("dt", "", part.text));
    else return false;
    return true;
  }

  #addValue(value) {
    const isNumber = RECEIPT_NUMBER.test(value);
    if (isNumber && value === this.receipt?.number) this.figure.classList.add("facts--receipt");
    this.figure.append(element("dd", isNumber ? "facts__number" : "", value));
  }
}

/** Quotes of one section that follow each other: one frame, one place, one link that marks them all. */
class QuoteFigure {
  constructor(citation) {
    this.section = citation.section;
    this.href = ownPage(citation.url);
    this.href?.searchParams.delete("mark");
    this.link = element("a", "quote__place", citation.heading);
    const caption = element("figcaption", "quote__caption", element("span", "quote__tag", "方針の原文"), this.link);
    this.caption = caption;
    this.figure = element("figure", "quote", caption);
  }

  take(part, citation) {
    if (citation?.section !== this.section) return false;
    const quote = element("blockquote", "quote__text", part.text);
    const href = ownPage(citation.url);
    if (href) quote.cite = href;
    this.caption.before(hidden("引用ここから"), quote, hidden("引用おわり"));
    this.#mark(citation);
    return true;
  }

  #mark({ start, end }) {
    if (!this.href) return;
    this.href.searchParams.append("mark", `${start}-${end}`);
    if (this.link.href) this.link.href = this.href;
    else newTab(this.link, this.href);
  }
}

function newTab(link, href) {
  link.append(hidden("（新しいタブで開く）"));
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener";
  return link;
}

// Links are built on the public address, which need not be the one this page was opened at; the page itself
// is always ours, so its path is opened here and a foreign host can never be reached.
function ownPage(url) {
  if (!URL.canParse(url, location.href)) return null;
  const { pathname, search, hash } = new URL(url, location.href);
  return OUR_PAGES.test(pathname) ? new URL(pathname + search + hash, location.origin) : null;
}
