// Puts the chat's button on a page of another site. Before the button is pressed nothing is asked of our server; then
// the chat opens in a frame of its own origin, so that no script of the page can read it. What passes between page and
// frame: that it opened or closed, wants to be wide, how many messages wait, and the member token, if the page has one
// (`window.madoguchi = { memberToken: async () => "…" }`), when the member opens a request's page.
// Attributes of the script's tag: data-accent="#rrggbb", data-side="left", data-label="…".

(() => {
  const {
    src,
    dataset: { accent, side, label },
  } = document.currentScript;
  const { origin } = new URL(src);
  const title = label || "プライバシー相談";
  const edge = side == "left" ? side : "right";
  const paint = /^#[\da-f]{6}$/i.test(accent) ? accent : "#0d5c63";
  // Roughly WCAG's relative luminance; of black and white one always has 4.5 to 1 on it.
  const light = [0.21, 0.72, 0.07].reduce((sum, part, at) => sum + part * (`0x${paint.substr(at * 2 + 1, 2)}` / 255) ** 2.2, 0);
  const small = "(max-width:30em),(max-height:30em)";
  const phone = matchMedia(small);
  const style = new CSSStyleSheet();
  const [home, button, dialog, frame] = ["aside", "button", "dialog", "iframe"].map((name) =>
    document.createElement(name),
  );

  // Made by script, a stylesheet needs no 'unsafe-inline' of the page.
  style.replaceSync(`button,dialog{position:fixed;z-index:99999999;inset:auto auto 1em;${edge}:1em;box-shadow:0 2px 9px #0006}
button{padding:.8em 20px;border:2px solid #fff;border-radius:26px;background:${paint};color:${light > 0.18 ? "#000" : "#fff"};font:600 1em system-ui;cursor:pointer}
:focus-visible{outline:3px solid ${paint};outline-offset:2px}
dialog{bottom:5em;width:25em;height:min(660px,100vh - 6em);padding:0;border:1px solid #888;border-radius:16px;overflow:hidden}
.wide{width:min(600px,95vw)}
iframe{width:100%;height:100%;border:0;float:left}
@media ${small}{dialog{inset:0;min-width:100%;min-height:100%;border:0;border-radius:0}}
@media print{*{display:none}}`);

  const say = (madoguchi, value) => frame.contentWindow.postMessage({ madoguchi, value }, origin);

  // Where it fills the screen it is modal: nothing behind it can take the focus.
  const show = () => (phone.matches ? dialog.showModal() : dialog.show());

  addEventListener("message", async (event) => {
    if (event.origin != origin || event.source != frame.contentWindow) return;
    const { madoguchi: name, value } = Object(event.data);
    if (name === "close") dialog.close();
    if (name === "wide") dialog.classList.toggle(name, value === true);
    if (name === "unread") button.textContent = title + (value > 0 ? `（新着${value}件）` : "");
    if (name === "token") {
      let token;
      try {
        token = await madoguchi.memberToken();
      } catch {}
      say(name, token);
    }
  });
  frame.title = "プライバシー相談チャット";
  frame.onload = () => say("open");
  button.onclick = () => {
    if (dialog.open) return dialog.close();
    if (frame.src) say("open");
    else {
      frame.src = origin + "/widget";
      dialog.append(frame);
    }
    show();
    button.ariaExpanded = true;
    frame.focus();
  };
  dialog.onclose = () => {
    if (dialog.open) return;
    button.ariaExpanded = false;
    say("closed");
    button.focus();
  };
  phone.onchange = () => {
    if (dialog.open) {
      dialog.close();
      show();
    }
  };
  home.style.all = "initial";
  home.onkeydown = ({ key }) => {
    if (key == "Escape") dialog.close();
  };
  home.ariaLabel = dialog.ariaLabel = button.textContent = title;
  button.ariaExpanded = false;

  const shadow = home.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [style];
  shadow.append(button, dialog);
  document.body.append(home);
})();
