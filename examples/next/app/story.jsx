"use client";

import { useEffect, useRef, useState } from "react";
import { setFilesFolder } from "triptych-lm";
import "triptych-lm/define";

export default function Story() {
  const element = useRef(null);
  const [text, setText] = useState("");
  useEffect(() => {
    // For devices without a usable GPU: the package's dist/onnx.js and dist/onnxruntime, copied to public/triptych.
    setFilesFolder("/triptych/");
    // React 19 attaches no listener for a custom event to an element that the server has rendered.
    const { current } = element;
    const show = () => setText(current.value);
    current.addEventListener("triptych-done", show);
    return () => current.removeEventListener("triptych-done", show);
  }, []);
  return (
    <>
      <triptych-generate ref={element} models="/models/" prompt="Once upon a time" max-new-tokens={24} />
      <output>{text}</output>
    </>
  );
}
