// The page around the chat in the frame: closing, the request's page in the chat's place, and what is agreed with the
// page around the frame. On its own, in a tab, it is the chat with nothing around it.

import { Chat } from "./chat.js";

const LONGEST_TOKEN = 4096;
const TOKEN_WAIT_MS = 3_000;

const find = (part) => document.querySelector(`[data-widget="${part}"]`);
const root = document.querySelector(".chat");
const text = root.querySelector("textarea");
const log = root.querySelector(".chat__log");
const [tools, way, page, tab] = ["tools", "way", "page", "tab"].map(find);
const chat = new Chat(root);

// The page around us, once it has spoken; only the sites that may frame us are listened to.
const hosts = document.body.dataset.hosts.split(" ");
let host = "";
let isSeen = parent === window;
let unread = 0;
let opener = text;
let giveToken;

/** Tells the page around us; what members and assistant say is never part of it. */
function tell(name, value) {
  if (host) parent.postMessage({ madoguchi: name, value }, host);
}

function hear({ data, origin, source }) {
  if (source !== parent || !hosts.includes(origin)) return;
  host = origin;
  const value = data?.value;
  if (data?.madoguchi === "open") comeIntoView();
  else if (data?.madoguchi === "closed") isSeen = false;
  else if (data?.madoguchi === "token") giveToken?.(typeof value === "string" ? value.slice(0, LONGEST_TOKEN) : "");
}

function comeIntoView() {
  isSeen = true;
  tell("unread", (unread = 0));
  find("close").hidden = false;
  (page.hidden ? text : page).focus();
  if (log.childElementCount) chat.lookForNews();
}

// A member who is logged in at the site may show that to the request's page, which asks for it when it is opened.
function memberToken() {
  return new Promise((resolve) => {
    giveToken = resolve;
    setTimeout(resolve, host ? TOKEN_WAIT_MS : 0, "");
    tell("token");
  });
}

// A page that stands there already keeps what was typed. The token goes into the body of a form, never an address.
async function openPage(link) {
  opener = link;
  if (tab.href !== link.href) {
    tab.href = link.href;
    const field = Object.assign(document.createElement("input"), { name: "member_token", value: await memberToken() });
    const form = Object.assign(document.createElement("form"), { method: "post", action: link.href, target: page.name });
    form.hidden = true;
    form.append(field);
    document.body.append(form);
    form.submit();
    form.remove();
  }
  show(true);
}

function show(isPage) {
  page.hidden = way.hidden = !isPage;
  root.hidden = tools.hidden = isPage;
  tell("wide", isPage);
}

function backToChat() {
  show(false);
  opener.focus();
  chat.lookForNews();
}

// Each page in the frame is read from its beginning, or from what is wrong with what was entered.
function pageCame() {
  const inside = page.contentDocument;
  if (!inside || page.hidden) return;
  inside.addEventListener("keydown", leaveOnEscape);
  const first = inside.querySelector(".summary") ?? inside.querySelector("h1");
  if (!first) return;
  first.tabIndex = -1;
  first.style.outline = "none";
  first.focus();
}

function leaveOnEscape(event) {
  const isComposing = event.isComposing || event.keyCode === 229;
  if (event.key === "Escape" && !isComposing && !document.querySelector("dialog[open]")) tell("close");
}

// What opens in a new tab elsewhere opens here; what comes while nobody looks is counted.
function messagesCame(records) {
  for (const link of log.querySelectorAll("a[target]")) {
    if (!link.pathname.startsWith("/request/")) continue;
    link.removeAttribute("target");
    link.querySelector(".visually-hidden")?.remove();
  }
  if (isSeen) return;
  const came = records.flatMap(({ addedNodes }) => [...addedNodes]);
  unread += came.filter((node) => node.matches(".message--assistant")).length;
  tell("unread", unread);
}

addEventListener("message", hear);
addEventListener("keydown", leaveOnEscape);
new MutationObserver(messagesCame).observe(log, { childList: true });
page.addEventListener("load", pageCame);
find("close").addEventListener("click", () => tell("close"));
find("back").addEventListener("click", backToChat);
find("delete").addEventListener("click", () => chat.askToDelete());
log.addEventListener("click", (event) => {
  const link = event.target.closest("a:not([target])");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openPage(link);
});

chat.start();
