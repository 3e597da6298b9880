import { useState } from "react";
import { createRoot } from "react-dom/client";
import { setFilesFolder } from "triptych-lm";
import "triptych-lm/define";

// For devices without a usable GPU: the package's dist/onnx.js and dist/onnxruntime, copied to public/triptych.
setFilesFolder("/triptych/");

const OPTIONS = { stop: "." };

function Story() {
  const [text, setText] = useState("");
  return (
    <>
      <h1>Stories</h1>
      <triptych-generate
        models="/models/"
        prompt="Once upon a time"
        max-new-tokens={24}
        options={OPTIONS}
        ontriptych-start={() => setText("")}
        ontriptych-done={(event) => setText(event.target.value)}
      />
      <output>{text}</output>
    </>
  );
}

createRoot(document.querySelector("#root")).render(<Story />);
