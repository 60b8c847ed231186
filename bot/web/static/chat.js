// The chat itself, without the page around it: the full page and the later widget mount the same core.

import { deleteConversation, openConversation, readHistory, RefusedError, sendTurn } from "./chat_api.js";
import { assistantMessage, choiceGroup, element, memberMessage } from "./chat_messages.js";

const MAX_CHARACTERS = 1000;

// An error message is provisional: the server tries the turn again for ten minutes.
const LATE_ANSWER_DELAYS_MS = [4_000, 8_000, 15_000, 30_000, 60_000, 120_000];
const SECOND_LOOK_MS = 3_000;

const WAITING = "お調べしています…";
const NOT_SENT = "送信できませんでした。通信の状態をご確認のうえ、もう一度お試しください。";
const TOO_MANY = "短い時間に続けて送信されました。少し待ってから、もう一度お試しください。";
const NOT_ACCEPTED = "この内容は送信できませんでした。書き方を変えて、もう一度お試しください。";
const NOT_LOADED = "会話を読み込めませんでした。通信の状態をご確認のうえ、もう一度お試しください。";
const NOT_DELETED = "会話を消せませんでした。時間をおいて、もう一度お試しください。";
const DELETED = "会話を消しました。";
const TOO_LONG = "1,000文字以内に短くしてください。";

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
  #shown = new Set();
  #starters;
  #continues;

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
    this.#listen();
  }

  /** Draws what was said before, or begins a conversation when there is none. */
  async start() {
    try {
      this.#drawHistory(await this.#historyOrBeginning());
      this.#continues = true;
      this.#hideAlert();
    } catch {
      this.#showAlert(NOT_LOADED, { label: "再読み込み", act: () => this.start() });
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
      if (document.visibilityState === "visible" && !this.#busy) this.#lookForNews();
    });
  }

  #sendOnEnter(event) {
    if (event.key !== "Enter" || event.shiftKey) return;
    // An input method is at work: Blink says so; Safari ends the composition first and leaves only code 229.
    if (event.isComposing || event.keyCode === 229) return;
    // On a touch keyboard Enter makes a new line, the button sends.
    if (matchMedia("(pointer: coarse)").matches) return;
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
    if (matchMedia("(pointer: coarse)").matches) this.#log.focus({ preventScroll: true });
    else this.#text.focus({ preventScroll: true });
  }

  async #take(turn, words) {
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
      this.#drawAnswer(messages, bubble);
      this.#end();
    } catch (error) {
      this.#end();
      this.#showFailure(error, turn, bubble);
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
    this.#shown.add(message.id);
    this.#log.append(assistantMessage(message));
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

  #showFailure(error, turn, bubble) {
    bubble.classList.add("message--unsent");
    const refused = error instanceof RefusedError ? error : null;
    const again = { label: "再送", act: () => this.#send(turn, bubble) };
    if (refused?.status === 429) this.#showAlert(TOO_MANY, again);
    else if (refused?.status === 422) this.#showAlert(refused.detail || NOT_ACCEPTED);
    else if (refused && refused.status < 500) this.#showAlert(withReference(NOT_ACCEPTED, refused.reference));
    else this.#showAlert(withReference(NOT_SENT, refused?.reference), again);
  }

  #awaitLateAnswer(attempt = 0) {
    if (attempt >= LATE_ANSWER_DELAYS_MS.length) return;
    setTimeout(async () => {
      if (this.#busy || !(await this.#drawNews())) this.#awaitLateAnswer(attempt + 1);
    }, LATE_ANSWER_DELAYS_MS[attempt]);
  }

  // What the secure page caused takes the server a moment, hence the second look.
  async #lookForNews() {
    if (!(await this.#drawNews())) setTimeout(() => this.#drawNews(), SECOND_LOOK_MS);
  }

  /** Draws messages that came without being asked for now; tells whether there were any. */
  async #drawNews() {
    try {
      const { messages } = await readHistory();
      const news = messages.filter((message) => message.kind !== "member" && !this.#shown.has(message.id));
      if (this.#busy) return false;
      news.forEach((message) => this.#draw(message));
      this.#log.lastElementChild?.scrollIntoView({ block: "nearest", behavior: scrollBehaviour() });
      return news.length > 0;
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
    const last = this.#log.lastElementChild;
    if (this.#starters.hidden) last?.scrollIntoView({ block: "nearest" });
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  async #delete() {
    try {
      const { messages = [] } = await deleteConversation();
      const beginning = (await openConversation()).messages;
      this.#drawHistory([...beginning, ...messages]);
      this.#hideAlert();
      this.#status.textContent = DELETED;
      this.#text.focus();
    } catch {
      this.#showAlert(NOT_DELETED, { label: "もう一度消す", act: () => this.#delete() });
    }
  }

  #showCount() {
    const used = length(this.#text.value.trim());
    const tooLong = used > MAX_CHARACTERS;
    this.#count.textContent = `${used.toLocaleString("ja-JP")} / 1,000文字`;
    this.#count.classList.toggle("composer__count--over", tooLong);
    this.#text.setAttribute("aria-invalid", String(tooLong));
  }

  #showAlert(text, action) {
    this.#alert.replaceChildren(element("p", "", text));
    if (!action) return;
    const button = element("button", "button button--quiet", action.label);
    button.type = "button";
    button.addEventListener("click", action.act);
    this.#alert.append(button);
  }

  #hideAlert() {
    this.#alert.replaceChildren();
  }
}

const length = (text) => Array.from(text).length;

const withReference = (text, reference) => (reference ? `${text}（照会番号：${reference}）` : text);

const scrollBehaviour = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth");
