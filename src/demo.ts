import "triptych-lm/define";

// transformers.js is 27 MB with its WebAssembly: its pane and all behind it are loaded when it is opened.
const peer = document.querySelector("details.peer");
peer?.addEventListener("toggle", () => void import("./peer/peer-element.js"), { once: true });
