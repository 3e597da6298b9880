import { constants } from "node:os";
import { findChromium, findSwiftShader } from "./chromium.mjs";

// glibc's flag that keeps a library loaded after a failed dlopen of it as a Node addon.
const RTLD_NODELETE = 0x1000;

/** Loads a library into the process by path or name; false when it isn't there. */
function loadLibrary(library: string): boolean {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE);
  } catch (error) {
    // A library that is no Node addon is loaded, then refused; it stays loaded.
    return error instanceof Error && error.message.includes("self-register");
  }
  return true;
}

/** Whether the system can have a driver: asked beforehand, because Dawn warns on stderr when the Vulkan loader is missing. */
export function hasSystemDriver(): boolean {
  return process.platform !== "linux" || loadLibrary("libvulkan.so.1");
}

/** Makes Chromium's SwiftShader the Vulkan driver of this process; false when there is none. */
export function useSwiftShader(): boolean {
  const chromium = findChromium();
  const driver = chromium && findSwiftShader(chromium);
  if (!driver) return false;
  process.env.VK_ICD_FILENAMES = driver.icd;
  process.env.VK_DRIVER_FILES = driver.icd;
  return hasSystemDriver() || (driver.loader !== null && loadLibrary(driver.loader));
}
