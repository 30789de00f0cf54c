// Runs the built Worker in workerd on a loopback port: for our tests and for developers.
//
//   node functions/edge/run.mjs [--port N] [--dir target/edge] [--vars JSON]
//
// Without --port the system chooses one. Variables and secrets come as one JSON object, from --vars or, so that secrets
// stay out of the process list, from the environment variable EDGE_VARS; --vars wins key by key.
// Prints `ready <url>` when it answers, and ends on SIGTERM, on SIGINT, or when standard input closes.
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

function fail(message) {
  console.error(message);
  process.exit(1);
}

function object(text, source) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    fail(`${source} is not JSON: ${error.message}`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) fail(`${source} is not a JSON object.`);
  return value;
}

let options;
try {
  options = parseArgs({
    options: {
      port: { type: "string", default: "0" },
      dir: { type: "string", default: join(root, "target/edge") },
      vars: { type: "string", default: "{}" },
    },
  }).values;
} catch (error) {
  fail(`${error.message}\nUsage: run.mjs [--port N] [--dir target/edge] [--vars JSON]`);
}
const port = Number(options.port);
if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`--port ${options.port} is no port.`);
// enver:allow(environment-variable) this program of developers is no function
const bindings = { ...object(process.env.EDGE_VARS ?? "{}", "EDGE_VARS"), ...object(options.vars, "--vars") };

let Miniflare;
try {
  ({ Miniflare } = createRequire(join(root, ".tools/npm/package.json"))("miniflare"));
} catch (error) {
  if (error.code !== "MODULE_NOT_FOUND") throw error;
  fail("miniflare is not installed. Run: .ci/tools worker");
}

const dir = resolve(options.dir);
const files = await readdir(dir).catch(() => []);
if (!files.includes("index.js")) fail(`${dir} holds no built Worker. Run: .ci/build-edge`);
const modules = [
  { type: "ESModule", path: join(dir, "index.js") },
  ...files.filter((name) => name.endsWith(".wasm")).map((name) => ({ type: "CompiledWasm", path: join(dir, name) })),
];

const miniflare = new Miniflare({
  name: "edge",
  host: "127.0.0.1",
  port,
  modules,
  modulesRoot: dir,
  bindings,
  // The same as in wrangler.toml.
  compatibilityDate: "2026-04-01",
  // No look-up of where this machine is: the runtime works without a network.
  cf: false,
});

let ending = false;
async function end(code) {
  if (ending) return;
  ending = true;
  await miniflare.dispose();
  process.exit(code);
}
// In place of miniflare's own listeners, which exit at once and as if it were a failure.
for (const signal of ["SIGTERM", "SIGINT"]) process.removeAllListeners(signal).on(signal, () => end(0));
process.stdin.on("end", () => end(0)).on("error", () => end(0)).resume();
// Nobody reads any more: unhandled, this would end us before workerd.
process.stdout.on("error", () => end(0));

try {
  const url = await miniflare.ready;
  console.log(`ready ${url.origin}`);
} catch (error) {
  console.error(`The Worker did not start: ${error.message}`);
  await end(1);
}
