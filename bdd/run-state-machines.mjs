// Executes state machines with an interpreter of the Amazon States Language; their HTTP tasks become real requests.
//
//   node run-state-machines.mjs MODULES     MODULES is the node_modules that holds aws-local-stepfunctions
//
// Lines of JSON go in and out. In first: {"baseUrl", "concurrency", "machines": [{"id", "definition", "input"}]}.
// Out: {"exchange": …} for every request and its answer, {"compute": …} for what a client has to compute (the answer
// comes in as {"id", "values"} or {"id", "error"}), and {"ended": …} once for every machine. The task states keep the
// manner of Step Functions: an answer is {StatusCode, StatusText, Headers, ResponseBody}, and one that is not 2xx is the
// error States.Http.StatusCode.<n>, whose cause is the same as text.

import { createInterface } from "node:readline";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { pathToFileURL } from "node:url";

// The interpreter wants Node.js 22 for this alone.
Promise.withResolvers ??= function withResolvers() {
  let resolve, reject;
  const promise = new this((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

const HTTP_TASK = "arn:aws:states:::http:invoke";
const LAMBDA_TASK = "arn:aws:states:::lambda:invoke";

const [modules] = process.argv.slice(2);
if (!modules) {
  console.error("usage: node run-state-machines.mjs MODULES, the node_modules that holds aws-local-stepfunctions");
  process.exit(2);
}
const interpreter = path.resolve(modules, "aws-local-stepfunctions/build/main.node.esm.js");
const { StateMachine } = await import(pathToFileURL(interpreter));

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const lines = createInterface({ input: process.stdin });
const waiting = new Map();
const agents = {
  "http:": new http.Agent({ keepAlive: true }),
  "https:": new https.Agent({ keepAlive: true }),
};

let begun = false;
lines.on("line", (line) => {
  const message = JSON.parse(line);
  if (!begun) {
    begun = true;
    all(message).then(() => lines.close());
    return;
  }
  const { resolve, reject } = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error) reject(named("ComputationFailed", message.error));
  else resolve({ StatusCode: 200, Payload: { values: message.values } });
});

/** Runs every machine, as many at once as were asked for. */
async function all({ machines, concurrency }) {
  const rest = [...machines];
  const worker = async () => {
    for (let machine = rest.shift(); machine; machine = rest.shift()) await one(machine);
  };
  await Promise.all(Array.from({ length: Math.max(1, concurrency) }, worker));
  Object.values(agents).forEach((agent) => agent.destroy());
}

async function one({ id, definition, input }) {
  const handlers = Object.entries(definition.States)
    .filter(([, state]) => state.Type === "Task")
    .map(([name, state]) => [name, bound(id, name, state.Resource)]);
  try {
    const machine = new StateMachine(definition);
    const overrides = { taskResourceLocalHandlers: Object.fromEntries(handlers), waitTimeOverrides: waits(definition) };
    const execution = machine.run(input, { overrides });
    say({ ended: { machine: id, succeeded: true, output: await execution.result } });
  } catch (failure) {
    const cause = failure.cause ?? failure;
    say({ ended: { machine: id, succeeded: false, error: cause.name, cause: cause.message } });
  }
}

/** Nothing here takes a second: what is asked again is asked again soon. */
function waits({ States }) {
  const SOON = 100;
  return Object.fromEntries(Object.keys(States).filter((name) => States[name].Type === "Wait").map((name) => [name, SOON]));
}

function bound(machine, state, resource) {
  if (resource === HTTP_TASK) return (task) => invoke(machine, state, task);
  if (resource === LAMBDA_TASK) return (task) => compute(machine, task);
  throw new Error(`${state}: nothing here performs ${resource}`);
}

let asked = 0;
function compute(machine, { Payload }) {
  const id = (asked += 1);
  const { promise, resolve, reject } = Promise.withResolvers();
  waiting.set(id, { resolve, reject });
  say({ compute: { id, machine, payload: Payload } });
  return promise;
}

async function invoke(machine, state, task) {
  const url = new URL(task.ApiEndpoint);
  for (const [name, value] of Object.entries(task.QueryParameters ?? {})) {
    for (const one of [value].flat()) url.searchParams.append(name, one);
  }
  const headers = Object.fromEntries(Object.entries(task.Headers ?? {}).map(([name, value]) => [passed(name), value]));
  const body = encoded(task, headers);
  const begin = process.hrtime.bigint();
  const answer = await send(url, task.Method, headers, body);
  const micros = Number((process.hrtime.bigint() - begin) / 1000n);
  const request = { method: task.Method, url: url.href, headers, body: body ?? "" };
  say({ exchange: { machine, state, request, answer, micros } });

  const result = {
    StatusCode: answer.status,
    StatusText: answer.text,
    Headers: answer.headers,
    ResponseBody: json(answer),
  };
  if (answer.status >= 200 && answer.status < 300) return result;
  throw named(`States.Http.StatusCode.${answer.status}`, JSON.stringify(result));
}

/** A header field as it goes on: what Step Functions lets no task send comes under another name, and an origin mends that. */
function passed(name) {
  return name.toLowerCase().replace(/^x-passed-/, "");
}

/** The body as it is sent: JSON, unless the task asks for URL encoding. */
function encoded({ RequestBody, Transform }, headers) {
  if (RequestBody === undefined) return undefined;
  if (Transform?.RequestBodyEncoding === "URL_ENCODED") {
    headers["content-type"] ??= "application/x-www-form-urlencoded";
    return new URLSearchParams(RequestBody).toString();
  }
  headers["content-type"] ??= "application/json";
  return JSON.stringify(RequestBody);
}

function send(url, method, headers, body) {
  const client = url.protocol === "https:" ? https : http;
  const { promise, resolve, reject } = Promise.withResolvers();
  // enver:allow(hardcoded-timeout) how long a test waits for an answer
  const request = client.request(url, { method, headers, agent: agents[url.protocol], timeout: 30_000 }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () => {
      const headers = {};
      for (let at = 0; at < response.rawHeaders.length; at += 2) {
        (headers[response.rawHeaders[at].toLowerCase()] ??= []).push(response.rawHeaders[at + 1]);
      }
      const body = Buffer.concat(chunks).toString("utf8");
      resolve({ status: response.statusCode, text: response.statusMessage, headers, body });
    });
  });
  request.on("timeout", () => request.destroy(new Error("no answer in 30 seconds")));
  request.on("error", reject);
  request.end(body);
  return promise.catch((failure) => {
    throw named("States.Http.Socket", `${method} ${url.href}: ${failure.message || failure.code}`);
  });
}

function json({ headers, body }) {
  if (!/[/+]json\b/.test(headers["content-type"]?.[0] ?? "")) return body;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function named(name, message) {
  return Object.assign(new Error(message), { name });
}
