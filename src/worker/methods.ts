import type { MethodInfo } from "./method-list.js";

/** All methods: decoders with options, and what a person reads of them. Starts nothing. */
export async function listMethods(): Promise<readonly MethodInfo[]> {
  const { methodInfos } = await import("./method-list.js");
  return methodInfos;
}
