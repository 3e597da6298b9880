// Where embed.html is served: another origin than this page's.
const EMBED = new URL(location.hash.slice(1) || "https://triptych.example/embed.html");

const frame = document.querySelector("iframe");
addEventListener("message", ({ origin, source, data }) => {
  if (origin !== EMBED.origin || source !== frame.contentWindow) return;
  document.querySelector("output").textContent = data.text;
});
frame.src = EMBED.href;
