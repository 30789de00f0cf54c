// Prism as a validating proxy in front of an enver: every request goes on to it, and Prism judges the request and the
// answer by the published contract.
//
//   node proxy.mjs MODULES UPSTREAM CONTRACTS     MODULES is the node_modules that holds @stoplight/prism-http,
//                                                 CONTRACTS the folder with a folder for each service
//
// The first line of output is {"origin"}, where it listens. When its input ends, the second is what was seen:
// {"requests", "operations": {"get /path": requests}, "violations": [{"request", "status", "where", "what", "times"}]}.
// A violation of an answer counts always, one of a request only if the enver took it: use cases send wrong requests too.
//
// Router, validators and the order of things are Prism's, in its proxy mode. The bytes are carried here, because Prism's
// own transport follows redirects to hosts that do not exist and waits for them, writes JSON bodies anew, joins cookies,
// and answers in the place of an upstream that says 501.

import { readdirSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const [modules, upstream, contracts] = process.argv.slice(2);
if (!contracts) {
  console.error("usage: node proxy.mjs MODULES UPSTREAM CONTRACTS");
  process.exit(2);
}
const { createInstance, getHttpOperationsFromSpec } = createRequire(path.resolve(modules, "_"))("@stoplight/prism-http");

const quiet = { debug() {}, error() {}, info() {}, success() {}, trace() {}, warn() {}, child: () => quiet };
const config = {
  isProxy: true,
  upstream: new URL(upstream),
  checkSecurity: true,
  errors: false,
  mock: { dynamic: false },
  validateRequest: true,
  validateResponse: true,
};
const answers = new WeakMap();
const forward = ({ data }, _upstream, _proxy, operation) => () => async () => {
  const name = operation && `${operation.method} ${operation.path}`;
  if (name) seen.operations[name] = (seen.operations[name] ?? 0) + 1;
  return { _tag: "Right", right: answers.get(data) };
};
const seen = { requests: 0, operations: {}, violations: new Map() };
const prism = createInstance(config, { forward, logger: quiet });

const services = new Map();
for (const entry of readdirSync(contracts, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
  services.set(entry.name, await getHttpOperationsFromSpec(path.resolve(contracts, entry.name, "openapi.json")));
}

const agent = new http.Agent({ keepAlive: true });

const server = http.createServer(async (request, answer) => {
  try {
    const sent = await bytes(request);
    const came = await carried(request, sent);
    await judge(request, sent, came);
    answer.writeHead(came.status, came.raw);
    answer.end(came.body);
  } catch (error) {
    answer.writeHead(502, { "content-type": "text/plain" });
    answer.end(String(error?.stack ?? error));
  }
});

/** Sends the request on as it came; the answer as it came. */
function carried({ method, url, rawHeaders }, body) {
  return new Promise((resolve, reject) => {
    const onward = http.request(new URL(url, upstream), { agent, headers: rawHeaders, method }, (came) => {
      const { statusCode: status, headers, rawHeaders: raw } = came;
      bytes(came).then((body) => resolve({ status, headers, raw, body }), reject);
    });
    onward.on("error", reject);
    onward.end(body);
  });
}

/** Lets Prism say what it thinks of the request and the answer. */
async function judge({ method, url, headers }, sent, came) {
  const { pathname, searchParams } = new URL(url, upstream);
  const operations = services.get(pathname.split("/")[1]);
  if (!operations) return;
  const query = {};
  for (const name of new Set(searchParams.keys())) {
    const values = searchParams.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  const input = { method: method.toLowerCase(), url: { path: pathname, query }, headers, body: parsed(headers, sent) };
  const single = Object.entries(came.headers).map(([name, value]) => [name, [value].flat().join(",")]);
  answers.set(input, { statusCode: came.status, headers: Object.fromEntries(single), body: parsed(came.headers, came.body) });

  seen.requests += 1;
  const verdict = await prism.request(input, operations, config)();
  if (verdict._tag === "Left") return violated(method, pathname, came.status, "prism", verdict.left.message);
  const { validations } = verdict.right;
  for (const { message, path: where } of validations.output) {
    violated(method, pathname, came.status, ["response", ...(where ?? [])].join("."), message);
  }
  if (came.status >= 400) return;
  for (const { message, path: where } of validations.input) {
    violated(method, pathname, came.status, ["request", ...(where ?? [])].join("."), message);
  }
}

function violated(method, place, status, where, what) {
  const key = JSON.stringify([method, place, status, where, what]);
  const known = seen.violations.get(key) ?? { request: `${method} ${place}`, status, where, what, times: 0 };
  known.times += 1;
  seen.violations.set(key, known);
}

/** A body as Prism wants it: parsed if it is JSON, otherwise the text; null when there is none. */
function parsed(headers, body) {
  if (body.length === 0) return null;
  const text = body.toString();
  if (!/^application\/([\w.-]+\+)?json\b/i.test(headers["content-type"] ?? "")) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function bytes(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

server.listen(0, "127.0.0.1", () => {
  console.log(JSON.stringify({ origin: `http://127.0.0.1:${server.address().port}` }));
});
process.stdin.resume().on("end", () => {
  console.log(JSON.stringify({ ...seen, violations: [...seen.violations.values()] }));
  process.exit(0);
});
