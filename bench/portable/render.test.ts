import { expect, it } from "vitest";
import { markdown } from "./render.js";
import { defineSection } from "./section.js";

it("a report shows what was found, and of all else why it wasn't", () => {
  const title = (name: string) => `The ${name}`;
  const section = (name: string) =>
    defineSection<{ figure: number }>({
      name,
      title: title(name),
      run: async () => ({ figure: 0 }),
      lines: ({ figure }) => [`${name} is ${figure}`],
    });
  const outcomes = [
    { name: "speed", title: title("speed"), status: "done", elapsedMs: 1499, data: { figure: 7 }, othersShare: 0.125 },
    { name: "size", title: title("size"), status: "failed", why: "its process ended by SIGSEGV", elapsedMs: 5 },
    { name: "law", title: title("law"), status: "not run", why: "no memory", elapsedMs: 0 },
  ] as const;
  const whole = { report: "portable", date: "2026-11-30", version: "1.2.3", rounds: 3, outcomes } as const;
  const text = markdown(whole, ["speed", "size", "law"].map(section));
  expect(text).toContain("# Triptych 1.2.3 on no adapter, 2026-11-30");
  expect(text).toContain("1 of 3 sections done, 1 failed, 1 not run.");
  expect(text).toContain("## The speed\n\nspeed is 7\n\n1 s, in which others kept 13 % of the machine busy.");
  expect(text).toContain("## The size\n\n**failed**: its process ended by SIGSEGV");
  expect(text).toContain("## The law\n\n**not run**: no memory");
});
