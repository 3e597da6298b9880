import { expect, it } from "vitest";
import { IdleWork } from "./idle-work.js";

/** Something that ends when told. */
function held() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}

it("work begins once the process is idle, and a task waits until it has ended", async () => {
  const log: string[] = [];
  const started = held();
  const idle = new IdleWork(
    async (signal) => {
      log.push("work");
      started.end();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      log.push("stopped");
    },
    async () => {},
  );
  await idle.aside(async () => log.push("one"));
  expect(log).toEqual(["one"]);
  idle.begin();
  idle.begin();
  await started.ended;
  await idle.aside(async () => log.push("two"));
  expect(log).toEqual(["one", "work", "stopped", "two"]);
});

it("work doesn't begin beside a task, nor where something is asked before the process is idle, nor where it never is", async () => {
  const log: string[] = [];
  const work = async () => void log.push("work");
  const waiting = held();
  const idle = new IdleWork(work, () => waiting.ended);
  await idle.aside(async () => idle.begin());
  idle.begin();
  await idle.aside(async () => log.push("task"));
  waiting.end();
  await idle.aside(async () => log.push("task"));
  expect(log).toEqual(["task", "task"]);
  new IdleWork(work).begin();
  await Promise.resolve();
  expect(log).toEqual(["task", "task"]);
});

it("work that fails is over, and a task that fails keeps nothing waiting", async () => {
  let count = 0;
  const started = held();
  const idle = new IdleWork(
    async () => {
      count++;
      if (count === 2) started.end();
      throw new Error("no");
    },
    async () => {},
  );
  idle.begin();
  await expect(idle.aside(() => Promise.reject(new Error("own")))).rejects.toThrow("own");
  idle.begin();
  await idle.aside(async () => {});
  count = 1;
  idle.begin();
  await started.ended;
  expect(count).toBe(2);
});
