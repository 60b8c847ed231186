// The page around the chat: mounts the core and gives it the masthead's button.

import { Chat } from "./chat.js";

const chat = new Chat(document.querySelector("[data-chat='root']"));

document.querySelector("[data-page='delete']").addEventListener("click", () => chat.askToDelete());

chat.start();
