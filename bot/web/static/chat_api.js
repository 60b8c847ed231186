// The chat API as four functions. Nothing here touches the page.

const ANSWER_TIMEOUT_MS = 20_000;

/** The server answered, and refused: its status, what it says about it, and a number to ask about it. */
export class RefusedError extends Error {
  constructor(status, { detail = "", reference = "" }) {
    super(`refused with ${status}`);
    this.status = status;
    this.detail = detail;
    this.reference = reference;
  }
}

async function call(method, path, body) {
  // A timer of our own instead of AbortSignal.timeout: tests can then move the clock.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(path, {
      method,
      cache: "no-store",
      credentials: "same-origin",
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: controller.signal,
    });
    if (!response.ok) throw new RefusedError(response.status, await problemOf(response));
    return response.status === 204 ? {} : await response.json();
  } finally {
    clearTimeout(timer);
  }
}

async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {}; // Something between us and the server answered, a proxy perhaps.
  }
}

/** Begins a conversation; the session cookie comes with the answer. */
export const openConversation = () => call("POST", "/api/conversations", {});

/** Sends one turn, `{id, text}` or `{id, choice}`. The same id may be sent again without doing anything twice. */
export const sendTurn = (turn) => call("POST", "/api/messages", turn);

/** Everything said in the current conversation. */
export const readHistory = () => call("GET", "/api/messages");

/** Deletes the current conversation on the server. */
export const deleteConversation = () => call("DELETE", "/api/conversations/current");
