import { spawn } from "node:child_process";
import type { Ended, Running } from "./outcome.js";
import type { Context } from "./section.js";

/** What a section's process is asked for. */
export interface Request extends Pick<Context, "folder" | "rounds" | "layers" | "earlier"> {
  name: string;
}

/** What it says. */
export type Message = { say: string } | { ended: Ended };

/** The argument by which a program knows that it is a section's process. */
export const SECTION = "--section";
const KEPT_CHARS = 2000;

/**
 * Runs a section in a process of its own, by the same program: what a driver breaks there is no more than one section, and each
 * begins with all of the device's memory. What drivers print is kept for the case of a crash.
 */
export function startProcess(request: Request, say: (text: string) => void, program = process.argv[1]): Running {
  const child = spawn(process.execPath, [...process.execArgv, program, SECTION], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A terminal's Ctrl+C is for the report, which ends the section.
    detached: true,
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      printed = (printed + chunk).slice(-KEPT_CHARS);
    });
  }
  let ended: Ended | null = null;
  child.on("message", (message: Message) => {
    if ("say" in message) say(message.say);
    else ended = message.ended;
  });
  child.send(request, () => {});
  return {
    ended: new Promise((resolve) => {
      const failed = (why: string): Ended => ({ status: "failed", why });
      child.on("error", (error) => resolve(failed(`its process can't be started (${error.message})`)));
      child.on("close", (code, signal) => {
        const how = signal ? `ended by ${signal}` : `ended with code ${code}`;
        const last = printed.trim().split("\n").at(-1);
        resolve(ended ?? failed(`its process ${how}${last ? `; its last line was: ${last}` : ""}`));
      });
    }),
    stop: () => child.kill("SIGKILL"),
  };
}

/** In a section's process: does what is asked, tells how it ended, and ends with its parent. */
export function answerParent(work: (request: Request, say: (text: string) => void) => Promise<Ended>): void {
  const tell = (message: Message) => new Promise<void>((resolve) => process.send?.(message, () => resolve()));
  process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
  process.once("message", async (request: Request) => {
    await tell({ ended: await work(request, (text) => void tell({ say: text })) });
    // Dawn keeps the event loop alive, and crashes when it is torn down piece by piece.
    process.exit(0);
  });
}
