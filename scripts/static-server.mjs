// A plain file server for the built demo and for tests: 404 for what isn't there, and CORS headers, so that a page of
// another origin may load from it. usage: static-server.mjs --root DIR [--mount /prefix=DIR]… [--port N]
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { createGzip } from "node:zlib";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
  ".md": "text/plain; charset=utf-8",
  // Browsers compile a module while it arrives only if it has this type.
  ".wasm": "application/wasm",
};

// Null for what isn't there, and for what is asked for below a file, which the system calls no directory.
function statOf(file) {
  try {
    return statSync(file);
  } catch {
    return null;
  }
}

function decode(pathname) {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return null;
  }
}

function fileFor(url, mounts) {
  const { pathname } = new URL(url, "http://localhost");
  const decoded = decode(pathname);
  if (decoded === null) return null;
  const [prefix, folder] = mounts.find(([prefix]) => decoded.startsWith(prefix));
  const file = path.join(folder, decoded.slice(prefix.length));
  if (!file.startsWith(folder)) return null;
  const found = statOf(file);
  if (found?.isFile()) return { file, byteLength: found.size };
  const index = path.join(file, "index.html");
  const page = found?.isDirectory() && statOf(index);
  return page ? { file: index, byteLength: page.size } : null;
}

/**
 * Serves the folder `root`, and other folders under prefixes (`{"/dist/": folder}`). Resolves to
 * `{ url, servedBytes, close }`, bytes of files since the start; port 0 takes a free one. `isolated`: its pages are cross-origin isolated, which threads in WebAssembly need.
 * `compressed`: texts go out as gzip, as they do from most hosts.
 */
export async function serveStatic({ root, mounts = {}, port = 0, isolated = false, compressed = false }) {
  const table = [...Object.entries(mounts), ["/", root]].map(([prefix, folder]) => [prefix, path.resolve(folder)]);
  let numBytes = 0;
  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    response.setHeader("Cache-Control", "no-cache");
    if (isolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const found = fileFor(request.url, table);
    if (!found) {
      response.writeHead(404, { "Content-Type": "text/plain" });
      response.end("not found");
      return;
    }
    const type = TYPES[path.extname(found.file)] ?? "application/octet-stream";
    const isSmaller = compressed && /text|json|svg|wasm/.test(type);
    response.writeHead(200, {
      "Content-Type": type,
      ...(isSmaller ? { "Content-Encoding": "gzip" } : { "Content-Length": found.byteLength }),
    });
    if (request.method === "HEAD") response.end();
    else {
      numBytes += found.byteLength;
      const file = createReadStream(found.file);
      if (isSmaller) file.pipe(createGzip()).pipe(response);
      else file.pipe(response);
    }
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, resolve);
  });
  return {
    url: `http://localhost:${server.address().port}`,
    servedBytes: () => numBytes,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      root: { type: "string" },
      mount: { type: "string", multiple: true, default: [] },
      port: { type: "string" },
    },
  });
  const mounts = Object.fromEntries(
    values.mount.map((text) => [`${text.split("=")[0].replace(/\/$/, "")}/`, text.split("=")[1]]),
  );
  const { url } = await serveStatic({ root: values.root, mounts, port: Number(values.port ?? 0) });
  console.log(`serving ${values.root} on ${url}`);
}
