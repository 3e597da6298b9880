import { setFilesFolder } from "triptych-lm";
import "triptych-lm/define";

// For devices without a usable GPU: the package's dist/onnx.js and dist/onnxruntime, copied to public/triptych.
setFilesFolder("/triptych/");

const form = document.querySelector("form");
form.addEventListener("submit", (event) => {
  event.preventDefault();
  form.querySelector("output").textContent = `Sent: ${new FormData(form).get("story")}`;
});
