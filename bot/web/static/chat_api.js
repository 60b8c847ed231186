// The chat API as a few functions. Nothing here touches the page.

const ANSWER_TIMEOUT_MS = 20_000;

/** The server answered, and refused: its status, what it says, a number to ask about it, and seconds to wait if it
 * named any. */
export class RefusedError extends Error {
  constructor(status, wait, { detail = "", reference = "" }) {
    super(`refused with ${status}`);
    this.status = status;
    this.wait = wait;
    this.detail = detail;
    this.reference = reference;
  }
}

async function call(method, path, body) {
  // A timer of our own instead of AbortSignal.timeout: tests can then move the clock.
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), ANSWER_TIMEOUT_MS);
  try {
    const response = await fetch(`/api/${path}`, {
      method,
      cache: "no-store",
      headers: body && { "content-type": "application/json" },
      body: body && JSON.stringify(body),
      signal: controller.signal,
    });
    if (!response.ok) throw await refusalIn(response);
    return response.status === 204 ? {} : await response.json();
  } finally {
    clearTimeout(timer);
  }
}

async function refusalIn(response) {
  // A proxy between us and the server answers without JSON, and may name a date to wait for: both tell us nothing.
  const problem = await response.json().catch(() => ({}));
  return new RefusedError(response.status, Number(response.headers.get("retry-after")) || 0, problem);
}

/** Begins a conversation; the session cookie comes with the answer. */
export const openConversation = () => call("POST", "conversations", {});

/** Sends one turn, `{id, text}` or `{id, choice}`. The same id may be sent again without doing anything twice. */
export const sendTurn = (turn) => call("POST", "messages", turn);

/** Everything said in the current conversation. */
export const readHistory = () => call("GET", "messages");

/** Says whether an answer was helpful; a later word replaces an earlier one. */
export const sendFeedback = (id, helpful) => call("POST", `messages/${id}/feedback`, { helpful });

/** Deletes the current conversation on the server. */
export const deleteConversation = () => call("DELETE", "conversations/current");
