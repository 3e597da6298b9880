// Finds Chrome or Chromium and its software WebGPU. Plain JavaScript with node: imports only: the entry scripts use it
// before dependencies are installed.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";

const PATH_NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
  "chrome",
  "chromium.exe",
  "chrome.exe",
];

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

// Some distributions put a stub on PATH that only says where to get the browser, and a fresh download may lack system
// libraries. Only Linux has either, and only there `--version` opens no window.
function starts(file) {
  if (process.platform !== "linux") return true;
  const { status, stdout } = spawnSync(file, ["--version"], { encoding: "utf8", timeout: 20_000 });
  return status === 0 && /chrom/i.test(stdout);
}

function usualPlaces() {
  if (process.platform === "darwin") {
    return ["/Applications", path.join(os.homedir(), "Applications")].flatMap((folder) => [
      path.join(folder, "Google Chrome.app/Contents/MacOS/Google Chrome"),
      path.join(folder, "Chromium.app/Contents/MacOS/Chromium"),
    ]);
  }
  if (process.platform === "win32") {
    return [process.env.PROGRAMFILES, process.env["PROGRAMFILES(X86)"], process.env.LOCALAPPDATA]
      .filter(Boolean)
      .flatMap((folder) => [
        path.join(folder, "Google/Chrome/Application/chrome.exe"),
        path.join(folder, "Chromium/Application/chrome.exe"),
      ]);
  }
  return ["/opt/google/chrome/chrome", "/snap/bin/chromium"];
}

function playwrightCache() {
  const set = process.env.PLAYWRIGHT_BROWSERS_PATH;
  if (set && set !== "0") return set;
  if (process.platform === "darwin") return path.join(os.homedir(), "Library/Caches/ms-playwright");
  if (process.platform === "win32") return path.join(process.env.LOCALAPPDATA ?? os.homedir(), "ms-playwright");
  return path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "ms-playwright");
}

// The headless shell (chromium_headless_shell-*) has no WebGPU, so only full builds count.
function playwrightBuilds() {
  const cache = playwrightCache();
  if (!existsSync(cache)) return [];
  const builds = readdirSync(cache)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)));
  const inside = ["chrome", "chrome.exe", ...["Chromium", "Google Chrome for Testing"].map(macBinary)];
  return builds.flatMap((build) =>
    readdirSync(path.join(cache, build))
      .filter((name) => name.startsWith("chrome-"))
      .flatMap((folder) => inside.map((file) => path.join(cache, build, folder, file))),
  );
}

function macBinary(name) {
  return `${name}.app/Contents/MacOS/${name}`;
}

/**
 * Path of a Chrome or Chromium that starts, or null. Looks at the variable CHROMIUM, then PATH, the usual places and
 * Playwright's cache. Throws if CHROMIUM names no program.
 */
export function findChromium() {
  const named = process.env.CHROMIUM;
  if (named) {
    if (!isExecutable(named)) throw new Error(`CHROMIUM is set to ${named}, which is no program.`);
    return named;
  }
  const folders = (process.env.PATH ?? "").split(path.delimiter).filter(Boolean);
  const onPath = PATH_NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  for (const file of [...onPath, ...usualPlaces(), ...playwrightBuilds()]) {
    if (isExecutable(file) && starts(file)) return file;
  }
  return null;
}

function isRoot() {
  return process.getuid?.() === 0;
}

/** Flags that give a visible Chromium WebGPU on the CPU (SwiftShader). */
export function softwareFlags() {
  return [
    ...(isRoot() ? ["--no-sandbox"] : []),
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
  ];
}

/** `softwareFlags` for a browser without a window. */
export function headlessFlags() {
  return ["--headless=new", ...softwareFlags()];
}

/**
 * `{ icd, loader }` of the SwiftShader that comes with a Chromium: the Vulkan driver's description and the Vulkan
 * loader (null when there is none); or null when that Chromium has no SwiftShader beside it.
 */
export function findSwiftShader(chromium) {
  const real = realpathSync(chromium);
  const folder = path.dirname(real);
  const name = path.basename(real);
  // Debian and Ubuntu put a start script on PATH; the browser is in a folder of the same name under lib.
  const folders = [
    folder,
    path.join(folder, "../lib", name),
    path.join(folder, "../lib/chromium"),
    path.join(folder, "../lib/chromium-browser"),
    path.join(folder, "../lib64/chromium-browser"),
  ];
  for (const candidate of folders) {
    const icd = path.join(candidate, "vk_swiftshader_icd.json");
    if (!existsSync(icd)) continue;
    const loader = path.join(candidate, process.platform === "win32" ? "vulkan-1.dll" : "libvulkan.so.1");
    return { icd, loader: existsSync(loader) ? loader : null };
  }
  return null;
}
