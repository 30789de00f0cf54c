"""Functions as they are deployed, beside a bare one and one of a TypeScript team: `bench/run --only functions`.

Each is a process under one and the same stand-in for the Lambda runtime API, as the emulator starts them.
"""

import http.server
import json
import os
import platform
import re
import statistics
import subprocess
import threading
import time
import zipfile
from pathlib import Path

STARTS = 20
NPM = ["esbuild", "hono", "@hono/zod-validator", "zod"]
# Of each service a function of an operation. It is asked for what nobody declares: that it answers without its storage.
HANDLERS = ["auth::get_user", "booking::create_booking", "config::get_document"]
ARCHITECTURE = {"x86_64": "x86-64", "aarch64": "arm64"}[platform.machine()]
# What a deployed function finds; nobody is asked at these addresses.
VARIABLES = {"SERVICE_NAME": "bench", "ENVIRONMENT": "main", "CONFIG_SERVICE_URL": "http://127.0.0.1:9", "LOG_LEVEL": "ERROR",
             "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "any",
             # enver:allow(hardcoded-secret) nobody is asked with it
             "AWS_SECRET_ACCESS_KEY": "any", "AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_VERSION": "1",
             "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256"}


def missing(tools):
    """What cannot be measured with."""
    return [name for name in NPM if not (tools / "npm/node_modules" / name).is_dir()]


def builds(root, target, peers_target, zips):
    """The commands that build what is measured."""
    bare = ["cargo", "build", "--release", "--locked", "--manifest-path", str(root / "bench/peers/bare-lambda/Cargo.toml"),
            "--target-dir", str(peers_target)]
    ours = ["cargo", "run", "--quiet", "--locked", "--package", "cli", "--", "build", "lambda", "--architecture", ARCHITECTURE,
            "--out", str(target / "lambda")]
    return [bare] if zips else [bare, ours]


class RuntimeApi:
    """The Lambda runtime API for one function: when it first asks for an event, and what it makes of one."""

    def __init__(self, event):
        self.polled = self.answer = None
        self.stopping = threading.Event()
        api, given = self, threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                if api.polled is None:
                    # What follows is no part of the init.
                    api.polled = time.perf_counter()
                if given.acquire(blocking=False):
                    self.say(200, json.dumps(event).encode())
                else:
                    api.stopping.wait()
                    self.say(500, b"{}")

            def do_POST(self):
                # A body comes in chunks from some, and with its length from others.
                length = self.headers.get("content-length")
                body = self.rfile.read(int(length)) if length else b"".join(self.chunks())
                api.answer = json.loads(body) if self.path.endswith("/response") else {"failed": body.decode(errors="replace")}
                self.say(202, b"")

            def chunks(self):
                while size := int(self.rfile.readline(), 16):
                    yield self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()

            def say(self, status, body):
                self.send_response(status)
                for name, value in [("aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"), ("deadline-ms", "9999999999999"),
                                    ("invoked-function-arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench")]:
                    self.send_header(f"Lambda-Runtime-{name}", value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # A function that is ended leaves its connection as it is; what it did not answer ends the run.

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()


class Function:
    """One that is started again and again. It answers `event` with `status`."""

    def __init__(self, name, command, event, status, env):
        self.name, self.command, self.event, self.status, self.env = name, command, event, status, env
        self.inits, self.peaks = [], []

    def start(self, bench, failure):
        api = RuntimeApi(self.event)
        server = bench.start(f"{self.name}, start {len(self.inits) + 1}", *self.command,
                             env={**self.env, "AWS_LAMBDA_RUNTIME_API": api.address})
        answer = server.until(lambda: api.answer, every=0.005)
        if answer.get("statusCode") != self.status:
            raise failure(f"{self.name} does not answer with {self.status}: {json.dumps(answer)[:600]}")
        self.inits.append((api.polled - server.started) * 1000)
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        self.peaks.append(int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024 / 1e6)
        api.stop()
        server.stop()

    @property
    def init(self):
        return statistics.median(self.inits)

    @property
    def peak(self):
        return statistics.median(self.peaks)


def event(method, path, body=None):
    """What API Gateway (HTTP API) makes of a request."""
    return {
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "",
        "headers": {"host": "bench.example", "content-type": "application/json", "x-forwarded-for": "203.0.113.7"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "bench", "domainName": "bench.example", "domainPrefix": "bench",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7", "userAgent": "bench"},
            "requestId": "JKJaXmPLvHcESHA=", "routeKey": "$default", "stage": "$default",
            "time": "10/Mar/2026:05:16:23 +0000", "timeEpoch": 1773119783000,
        },
        "body": body, "isBase64Encoded": False,
    }


def ours(bench, zips, failure):
    """A function of each zip, and the sizes of the zips."""
    functions, sizes = [], {}
    for handler in HANDLERS:
        service = handler.split("::")[0]
        zip = zips / f"{service}.zip"
        if not zip.is_file():
            continue  # Of zips that were given, those there are.
        sizes[service] = zip.stat().st_size
        folder = bench.folder / service
        with zipfile.ZipFile(zip) as archive:
            archive.extract("bootstrap", folder)
        (folder / "bootstrap").chmod(0o755)
        asked = event("GET", f"/{service}/v1/nowhere")
        functions.append(Function(handler, [folder / "bootstrap"], asked, 404, {**VARIABLES, "_HANDLER": handler}))
    if not functions:
        raise failure(f"There are no zips in {zips}: `enver build lambda --architecture {ARCHITECTURE}` writes them.")
    return functions, sizes


def peers(bench, root, peers_target, failure):
    """The bare function and that of a TypeScript team, and the sizes of their zips."""
    body = json.dumps(json.loads((root / "bench/consignment.json").read_text()))
    bundle = bench.folder / "hono-lambda.mjs"
    command = [bench.tools / "npm/node_modules/.bin/esbuild", root / "bench/peers/hono-lambda.mjs", "--bundle", "--format=esm",
               "--minify", "--platform=node", f"--outfile={bundle}"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise failure(f"esbuild failed at hono-lambda.mjs: {done.stderr[-1000:]}")
    bare = peers_target / "release/bare-lambda"
    asked = event("POST", "/bench/v1/echo", body)
    functions = [Function("bare lambda_http", [bare], asked, 200, VARIABLES),
                 Function("Node + Hono + zod", ["node", bundle], asked, 200, {**VARIABLES, "NODE_ENV": "production"})]
    return functions, {"bare lambda_http": packed(bench, bare), "Node + Hono + zod": packed(bench, bundle)}


def packed(bench, file):
    zip = bench.folder / f"{file.name}.zip"
    with zipfile.ZipFile(zip, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(file, file.name)
    return zip.stat().st_size


def measure(bench, root, peers_target, zips, failure):
    """Sizes of zips; init, and memory after the first answer, each in turn with the peers."""
    functions, sizes = ours(bench, zips, failure)
    others, other_sizes = peers(bench, root, peers_target, failure)
    for service, size in sizes.items():
        bench.row(f"The zip of {service}, {ARCHITECTURE}", f"{size / 1e6:.2f} MB", "", "", "< 5 MB", size < 5_000_000)
    for number in range(STARTS):
        for function in functions + others:
            function.start(bench, failure)
    for function in functions + others:
        bench.say(f"  {function.name:<34} init {function.init:7.1f} ms   peak of its memory {function.peak:6.1f} MB")
    for function in functions:
        for number, peer in enumerate(others):
            bench.row(f"Init of `{function.name}`, beside {peer.name}", f"{function.init:.1f} ms", f"{peer.init:.1f} ms",
                      f"{peer.init / function.init:.2f} ×", "" if number else "< 40 ms", None if number else function.init < 40)
        node = others[-1]
        bench.row(f"… its memory at most, to its first answer, beside {node.name}", f"{function.peak:.1f} MB",
                  f"{node.peak:.1f} MB", f"{node.peak / function.peak:.1f} ×", "< 64 MB", function.peak < 64)
    told = ", ".join(f"{name} {size / 1e6:.2f} MB" for name, size in other_sizes.items())
    bench.notes.append(f"Zips of the peers: {told}; Node.js itself is in Lambda's runtime and not in a zip. Memory of bare "
                       f"lambda_http: {others[0].peak:.1f} MB.")
    spread = ", ".join(f"{each.name} {min(each.inits):.1f} to {max(each.inits):.1f} ms" for each in functions + others)
    bench.notes.append(f"{STARTS} starts of each, in turn, from the zips: {spread}. The load average was {os.getloadavg()[0]:.1f} "
                       "at the end.")
