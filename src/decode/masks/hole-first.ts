import { InvalidOptionError } from "../../vocabulary/errors.js";
import type { Outlook } from "../decoder.js";

/** Refuses a hole that nothing stands before, for models that fill a position from the row before it. */
export function checkHoleFirst({ canvas, capabilities }: Pick<Outlook, "canvas" | "capabilities">): void {
  if (capabilities.inPlace || canvas.slots()[0]?.state === "prompt") return;
  throw new InvalidOptionError(
    "This model fills a position from the token before it, and the hole stands at the very beginning: put a text before it.",
    "hole_first",
  );
}
