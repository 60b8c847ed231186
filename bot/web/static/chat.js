// The chat itself, without the page around it: the full page and the later widget mount the same core.

import {
  deleteConversation,
  openConversation,
  readHistory,
  RefusedError,
  sendFeedback,
  sendTurn,
} from "./chat_api.js";
import { assistantMessage, button, choiceGroup, element, feedbackGroup, group, memberMessage } from "./chat_messages.js";

const MAX_CHARACTERS = 1000;
const FEW_CHARACTERS = 100;

// An error message is provisional: the server tries the turn again for ten minutes.
const LATE_ANSWER_DELAYS_MS = [4, 8, 15, 30, 60, 120, 120, 120, 180].map((seconds) => seconds * 1000);
const SECOND_LOOK_MS = 3_000;

const ANSWERS = ["answer", "not_in_policy"];

const CHECK = "通信の状態をご確認のうえ、もう一度お試しください。";
const WAITING = "お調べしています…";
const NOT_SENT = `送信できませんでした。${CHECK}`;
const BUSY = "ただいま混み合っています。";
const NOT_ACCEPTED = "この内容は送信できませんでした。書き方を変えて、もう一度お試しください。";
const NOT_LOADED = `会話を読み込めませんでした。${CHECK}`;
const NOT_DELETED = `会話を消せませんでした。${CHECK}`;
const NOT_KEPT = `評価を送信できませんでした。${CHECK}`;
const KEPT = "評価を受け取りました。";
const DELETED = "会話を消しました。";
const FEW_LEFT = `残り${FEW_CHARACTERS}文字以内になりました。`;
const TOO_LONG = "1,000文字以内に短くしてください。";

const touch = matchMedia("(pointer: coarse)");

/** Mounts the chat on its markup (`_chat.html`) and begins or continues the conversation. */
export class Chat {
  #log;
  #form;
  #text;
  #count;
  #status;
  #alert;
  #dialog;
  #busy = false;
  #choices = null;
  #later;
  #room = "";
  #shown = new Set();
  #starters;
  #continues;
  #started;

  constructor(root) {
    // Whether the browser brought a session: asking for a history that cannot be there would be an error in vain.
    this.#continues = root.dataset.session === "known";
    const find = (part) => root.querySelector(`[data-chat="${part}"]`);
    this.#log = find("log");
    this.#form = find("form");
    this.#text = find("text");
    this.#count = find("count");
    this.#status = find("status");
    this.#alert = find("alert");
    this.#dialog = find("dialog");
    this.#starters = find("starters");
    // The key is named for what it does there.
    if (touch.matches) this.#text.enterKeyHint = "enter";
    this.#listen();
  }

  /** Draws what was said before, or begins a conversation when there is none; `closing` follows either. */
  start(closing = []) {
    return (this.#started = this.#start(closing));
  }

  async #start(closing) {
    try {
      this.#drawHistory([...(await this.#historyOrBeginning()), ...closing]);
      this.#continues = true;
      this.#hideAlert();
    } catch (error) {
      this.#showAlert(explained(error, NOT_LOADED), button("再読み込み", () => this.start(closing)));
    }
  }

  /** Asks whether the conversation shall go, and deletes it on yes. */
  askToDelete() {
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
  }

  #listen() {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener("keydown", (event) => this.#sendOnEnter(event));
    this.#text.addEventListener("input", () => this.#showCount());
    this.#starters.addEventListener("click", (event) => {
      const starter = event.target.closest("button");
      if (starter && !this.#busy) this.#sayStarter(starter.textContent);
    });
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue === "delete") this.#delete();
    });
    // The member comes back from the secure page: the conversation may have heard of it meanwhile.
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.lookForNews();
    });
  }

  #sendOnEnter(event) {
    if (event.key !== "Enter" || event.shiftKey) return;
    // An input method is at work: Blink says so; Safari ends the composition first and leaves only code 229.
    if (event.isComposing || event.keyCode === 229) return;
    // On a touch keyboard Enter makes a new line, the button sends.
    if (touch.matches) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #submit() {
    const text = this.#text.value.trim();
    if (this.#busy || text === "") return;
    if (length(text) > MAX_CHARACTERS) {
      this.#showAlert(TOO_LONG);
      return;
    }
    this.#text.value = "";
    this.#showCount();
    this.#take({ id: crypto.randomUUID(), text }, text);
  }

  #sayStarter(text) {
    this.#focusAfterButton();
    this.#take({ id: crypto.randomUUID(), text }, text);
  }

  #choose(choice) {
    if (this.#busy) return;
    this.#dropChoices();
    this.#focusAfterButton();
    this.#take({ id: crypto.randomUUID(), choice: choice.id }, choice.title);
  }

  // A pressed button goes away; the focus goes where the member writes next, but opens no touch keyboard.
  #focusAfterButton() {
    if (touch.matches) this.#log.focus({ preventScroll: true });
    else this.#text.focus({ preventScroll: true });
  }

  // What is sent before the conversation stands there waits for it: drawing the history wipes what was drawn before.
  async #take(turn, words) {
    this.#busy = true;
    await this.#started;
    const bubble = memberMessage(words);
    this.#log.append(bubble);
    this.#starters.hidden = true;
    bubble.scrollIntoView({ block: "nearest" });
    await this.#send(turn, bubble);
  }

  async #send(turn, bubble) {
    this.#begin(bubble);
    try {
      const { messages } = await this.#answerTo(turn);
      // What the member deleted meanwhile does not come back.
      if (bubble.isConnected) this.#drawAnswer(messages, bubble);
      this.#end();
    } catch (error) {
      this.#end();
      if (bubble.isConnected) this.#showFailure(error, turn, bubble);
    }
  }

  // A session can end while the page stays open; the member's words then open the next one.
  async #answerTo(turn) {
    try {
      return await sendTurn(turn);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw error;
      const { messages } = await openConversation();
      messages.forEach((message) => this.#draw(message));
      return sendTurn(turn);
    }
  }

  #begin(bubble) {
    this.#busy = true;
    this.#hideAlert();
    bubble.classList.remove("message--unsent");
    bubble.querySelector(".unsent")?.remove();
    this.#form.setAttribute("aria-busy", "true");
    this.#status.textContent = WAITING;
  }

  #end() {
    this.#busy = false;
    this.#form.removeAttribute("aria-busy");
    this.#status.textContent = "";
  }

  #drawAnswer(messages, bubble) {
    const provisional = messages.every((message) => message.kind === "error");
    if (!provisional) this.#dropChoices();
    messages.forEach((message) => this.#draw(message));
    bubble.scrollIntoView({ block: "start", behavior: scrollBehaviour() });
    if (provisional) this.#awaitLateAnswer();
  }

  #draw(message) {
    const { id, kind, feedback } = message;
    if (this.#shown.has(id)) return;
    const bubble = assistantMessage(message);
    if (id) this.#shown.add(id);
    if (ANSWERS.includes(kind)) bubble.append(feedbackGroup(feedback?.helpful, (helpful) => this.#judge(id, helpful)));
    this.#log.append(bubble);
    if (message.choices?.length) this.#offer(message.choices);
  }

  #offer(choices) {
    this.#dropChoices();
    this.#choices = choiceGroup(choices, (choice) => this.#choose(choice));
    this.#log.append(this.#choices);
  }

  #dropChoices() {
    this.#choices?.remove();
    this.#choices = null;
  }

  async #judge(id, helpful) {
    try {
      await sendFeedback(id, helpful);
      this.#hideAlert();
      this.#status.textContent = KEPT;
      return true;
    } catch (error) {
      this.#showAlert(explained(error, NOT_KEPT));
      return false;
    }
  }

  // The words stay where they stand, to be sent again as they are or to be written anew.
  #showFailure(error, turn, bubble) {
    const ways = [];
    if (mayPass(error)) ways.push(button("再送", () => this.#sendAgain(turn, bubble)));
    if (turn.text) ways.push(button("書き直す", () => this.#takeBack(turn.text, bubble)));
    bubble.classList.add("message--unsent");
    if (ways.length) bubble.append(group("unsent", "未送信", ...ways));
    this.#showAlert(explained(error, NOT_SENT));
    bubble.scrollIntoView({ block: "nearest" });
  }

  #sendAgain(turn, bubble) {
    if (this.#busy) return;
    this.#focusAfterButton();
    this.#send(turn, bubble);
  }

  #takeBack(text, bubble) {
    bubble.remove();
    this.#hideAlert();
    this.#text.value = [text, this.#text.value].filter(Boolean).join("\n");
    this.#text.focus();
    this.#showCount();
  }

  // Looks to the end even when something came: it may have been the answer to another turn.
  #awaitLateAnswer(attempt = 0) {
    clearTimeout(this.#later);
    if (attempt === LATE_ANSWER_DELAYS_MS.length) return;
    this.#later = setTimeout(() => {
      this.#drawNews();
      this.#awaitLateAnswer(attempt + 1);
    }, LATE_ANSWER_DELAYS_MS[attempt]);
  }

  /** Draws what came without being asked for here. What the secure page causes takes a moment, hence the second look. */
  async lookForNews() {
    if (!(await this.#drawNews())) setTimeout(() => this.#drawNews(), SECOND_LOOK_MS);
  }

  /** Tells whether there was anything new. */
  async #drawNews() {
    if (this.#busy) return false;
    try {
      const { messages } = await readHistory();
      const news = messages.filter((message) => message.kind !== "member" && !this.#shown.has(message.id));
      if (this.#busy || !news.length) return false;
      news.forEach((message) => this.#draw(message));
      this.#log.lastElementChild.scrollIntoView({ block: "nearest", behavior: scrollBehaviour() });
      return true;
    } catch {
      return false; // Nobody asked: the next look, or the next turn, tells what is wrong.
    }
  }

  async #historyOrBeginning() {
    if (!this.#continues) return (await openConversation()).messages;
    try {
      return (await readHistory()).messages;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status !== 401) throw error;
      return (await openConversation()).messages;
    }
  }

  // History is silent: a screen reader should read what is new, not the whole conversation at every load.
  #drawHistory(messages) {
    this.#log.setAttribute("aria-live", "off");
    this.#log.replaceChildren();
    this.#choices = null;
    this.#shown.clear();
    for (const message of messages) {
      if (message.kind === "member") {
        this.#dropChoices();
        this.#log.append(memberMessage(message.text));
      } else {
        this.#draw(message);
      }
    }
    this.#starters.hidden = messages.some((message) => message.kind === "member");
    if (this.#starters.hidden) this.#log.lastElementChild.scrollIntoView({ block: "nearest" });
    if (["member", "error"].includes(messages.at(-1)?.kind)) this.#awaitLateAnswer();
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  async #delete() {
    try {
      const { messages } = await deleteConversation();
      clearTimeout(this.#later);
      this.#continues = false;
      this.#drawHistory([]);
      await this.start(messages);
      this.#status.textContent = DELETED;
    } catch (error) {
      this.#showAlert(explained(error, NOT_DELETED), button("もう一度消す", () => this.#delete()));
    }
  }

  // The counter is read with the field; while writing, only a change of what it means is worth saying.
  #showCount() {
    const used = length(this.#text.value.trim());
    const left = MAX_CHARACTERS - used;
    const room = left < 0 ? TOO_LONG : left <= FEW_CHARACTERS ? FEW_LEFT : "";
    this.#count.textContent = `${used.toLocaleString("ja-JP")} / 1,000文字`;
    this.#text.ariaInvalid = String(left < 0);
    if (room === this.#room) return;
    this.#room = room;
    if (!this.#busy) this.#status.textContent = room;
  }

  #showAlert(text, ...ways) {
    this.#alert.replaceChildren(element("p", "", text), ...ways);
  }

  #hideAlert() {
    this.#alert.replaceChildren();
  }
}

const length = (text) => Array.from(text).length;

// What is refused as it stands is refused again; everything else may pass next time.
const mayPass = ({ status = 0 }) => status < 400 || status === 429 || status >= 500;

function explained(error, otherwise) {
  if (!(error instanceof RefusedError)) return otherwise;
  const { status, wait, detail, reference } = error;
  if (status === 429) return detail || BUSY + waiting(wait);
  if (status === 422) return detail || NOT_ACCEPTED;
  // Where the server itself is in trouble, it says whom else to turn to.
  const untold = status === 503 ? BUSY + waiting(wait) : mayPass(error) ? otherwise : NOT_ACCEPTED;
  const text = detail || untold;
  return reference ? `${text}（照会番号：${reference}）` : text;
}

function waiting(seconds) {
  const time = seconds > 90 ? `${Math.ceil(seconds / 60)}分ほど` : seconds ? `${seconds}秒ほど` : "少し";
  return `${time}待ってから、もう一度お試しください。`;
}

const scrollBehaviour = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
