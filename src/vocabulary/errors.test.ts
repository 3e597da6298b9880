import { expect, it } from "vitest";
import * as errors from "./errors.js";
import * as library from "../index.js";

const classes = Object.entries(errors).filter(([name]) => name.endsWith("Error"));

it.each(classes)("%s has its name in words that no bundler shortens, and is exported", (name, Class) => {
  expect(Object.hasOwn(Class, "className") && Reflect.get(Class, "className")).toBe(name);
  expect(Reflect.get(library, name)).toBe(Class);
});

it.each(classes.filter(([name]) => name !== "TriptychError"))(
  "%s goes over the worker's border as itself",
  (name, Class) => {
    const Made = Class as new (message: string) => errors.TriptychError;
    const error = new Made("what failed");
    const arrived = errors.fromWire(structuredClone(errors.toWire(error)));
    expect(arrived).toBeInstanceOf(Made);
    expect(arrived).toMatchObject({ name, message: "what failed", code: error.code });
    for (const [other, Other] of classes) {
      expect(arrived instanceof (Other as typeof Made), other).toBe(other === name || other === "TriptychError");
    }
  },
);
