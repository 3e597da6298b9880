import { expect, it } from "vitest";
import { bytesText, loadText, Rate } from "./rate.js";

it("a rate is that of the last seconds, and what was here before counts for none", () => {
  const rate = new Rate();
  rate.add(50e6, 100e6, 0);
  expect(rate.now).toMatchObject({ bytesPerSecond: null, secondsLeft: null });
  rate.add(52e6, 100e6, 1000);
  expect(rate.now).toMatchObject({ bytesPerSecond: 2e6, secondsLeft: 24 });
  for (let second = 2; second <= 12; second++) rate.add(52e6 + (second - 1) * 1e6, 100e6, second * 1000);
  expect(rate.now).toMatchObject({ bytesPerSecond: 1e6, secondsLeft: 37 });
  rate.add(70e6, null, 13_000);
  expect(rate.now).toMatchObject({ totalBytes: null, secondsLeft: null });
});

it("a load is told in bytes, rate and time left, as far as they are known", () => {
  const load = { loadedBytes: 12_345_678, totalBytes: 98_300_000, bytesPerSecond: 4_100_000, secondsLeft: 20.9 };
  expect(loadText(load)).toBe("12.3 MB of 98.3 MB · 4.1 MB/s · 21 s left");
  expect(loadText({ ...load, secondsLeft: 3000 })).toBe("12.3 MB of 98.3 MB · 4.1 MB/s · 50 min left");
  expect(loadText({ ...load, secondsLeft: 30_000 })).toMatch(/8\.3 h left$/);
  expect(loadText({ loadedBytes: 999, totalBytes: null, bytesPerSecond: null, secondsLeft: null })).toBe("999 bytes");
  expect([0, 1000, 123_456_789, 4.5e12].map(bytesText)).toEqual(["0 bytes", "1.0 kB", "123 MB", "4.5 TB"]);
});
