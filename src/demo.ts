import "triptych-lm/define";

// Other models, and talking with them: nothing of it is loaded before it is opened.
const models = document.querySelector("details.models");
models?.addEventListener("toggle", () => void import("./ui/models/models-element.js"), { once: true });

// transformers.js is 27 MB with its WebAssembly: its pane and all behind it are loaded when it is opened.
const peer = document.querySelector("details.peer");
peer?.addEventListener("toggle", () => void import("./peer/peer-element.js"), { once: true });

// The built site works without a network, too: what that takes waits until the page stands.
const offline = document.querySelector<HTMLElement>("#offline");
if (import.meta.env.PROD && offline)
  addEventListener("load", () => setTimeout(async () => (await import("./site/offline.js")).workOffline(offline)), {
    once: true,
  });
