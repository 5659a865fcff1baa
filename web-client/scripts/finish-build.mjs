// After vite: compressed siblings for the server to send as they are, and the size budget.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { constants, gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const budgets = [
  { what: "scripts of the first page", limit: 180 * 1024, size: () => sizeOf(closure(entry)) },
  { what: "scripts of the notes, fetched later", limit: 170 * 1024, size: () => sizeOf(lazyFiles()) },
];

const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, "utf8"));
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);

keepForOffline();
for (const file of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!file.isFile() || !/\.(html|js|css|svg|json|webmanifest)$/.test(file.name)) continue;
  const path = join(file.parentPath ?? file.path, file.name);
  const text = readFileSync(path);
  if (!path.includes("/.vite/")) writeFileSync(`${path}.gz`, gzipped(text));
}

let over = false;
for (const { what, limit, size } of budgets) {
  const bytes = size();
  console.log(`${what}: ${(bytes / 1024).toFixed(1)} KiB gzip of ${limit / 1024}`);
  over ||= bytes > limit;
}
rmSync(`${dist}.vite`, { recursive: true });
if (over) {
  console.error("Over the size budget (web-client/scripts/finish-build.mjs).");
  process.exit(1);
}

/** Tells the service worker which files make the page. */
function keepForOffline() {
  const names = readdirSync(`${dist}assets`).sort();
  const version = createHash("sha256").update(names.join()).digest("hex").slice(0, 12);
  const files = ["/icon.svg", "/manifest.webmanifest", ...names.map((name) => `/assets/${name}`)];
  const worker = readFileSync(`${dist}sw.js`, "utf8")
    .replace('const version = "development";', `const version = "${version}";`)
    .replace("const files = [];", `const files = ${JSON.stringify(files)};`);
  if (!worker.includes(version) || !worker.includes("/assets/"))
    throw new Error("sw.js has lost its place for the files");
  writeFileSync(`${dist}sw.js`, worker);
}

function gzipped(text) {
  return gzipSync(text, { level: constants.Z_BEST_COMPRESSION });
}

/** The chunk and everything that it imports at once. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

/** What the group's page fetches beyond the shell; languages are counted with nobody's first page. */
function lazyFiles() {
  const shell = closure(entry);
  const lazy = new Set();
  for (const key of Object.keys(manifest))
    if (manifest[key].isDynamicEntry && !key.includes("i18n/languages")) closure(key, lazy);
  return new Set([...lazy].filter((key) => !shell.has(key)));
}

function sizeOf(keys) {
  const files = new Set([...keys].map((key) => manifest[key].file).filter((file) => file.endsWith(".js")));
  return [...files].reduce((sum, file) => sum + gzipped(readFileSync(dist + file)).length, 0);
}
