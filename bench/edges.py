"""The Worker beside Hono, zod and jose in the same workerd: `bench/run --only edge`."""

import gzip
import json
import os
import statistics
import subprocess
import time
import urllib.error
import urllib.request

STARTS = 15
COMPATIBILITY_DATE = "2026-04-01"  # The same as in wrangler.toml.
NPM = ["esbuild", "hono", "@hono/zod-validator", "zod", "jose"]
# What the real Worker finds; nobody is asked at these addresses.
VARIABLES = {"SERVICE_NAME": "edge", "ENVIRONMENT": "main", "CONFIG_SERVICE_URL": "http://127.0.0.1:9", "LOG_LEVEL": "ERROR",
             "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "any",
             # enver:allow(hardcoded-secret) nobody is asked with it
             "AWS_SECRET_ACCESS_KEY": "any"}


def missing(tools):
    """What cannot be measured with."""
    lacking = [name for name in NPM if not (tools / "npm/node_modules" / name).is_dir()]
    return lacking + ([] if workerd(tools) else ["workerd"])


def configuration(folder, port):
    """The Worker of a folder for workerd itself: neither wrangler nor miniflare stands before it."""
    wasm = "".join(f', (name = "{file.name}", wasm = embed "{file}")' for file in sorted(folder.glob("*.wasm")))
    bindings = ", ".join(f"(name = {json.dumps(name)}, text = {json.dumps(value)})" for name, value in VARIABLES.items())
    return f"""using Workerd = import "/workerd/workerd.capnp";
const worker :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "{folder / "index.js"}"){wasm}],
  bindings = [{bindings}],
  compatibilityDate = "{COMPATIBILITY_DATE}",
);
const config :Workerd.Config = (
  services = [(name = "worker", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "worker")],
);
"""


def start(bench, name, folder, free_port):
    """A Worker in workerd, and its URL; and the milliseconds until its code was loaded and it listened, and until it answered."""
    port = free_port()
    file = bench.folder / f"{folder.name}.capnp"
    file.write_text(configuration(folder, port))
    server = bench.start(name, workerd(bench.tools), "serve", "--control-fd=1", "--import-path=/", file)
    url = f"http://127.0.0.1:{port}"
    server.until(lambda: '"listen"' in server.out.read_text() or None, every=0.0005)
    listened = time.perf_counter()
    server.until(lambda: answers(f"{url}/health"), every=0.0005)
    return server, url, [(moment - server.started) * 1000 for moment in (listened, time.perf_counter())]


def answers(url):
    """Whether anything answers; None until then."""
    try:
        # enver:allow(hardcoded-timeout) a Worker that never starts ends the measurement
        urllib.request.urlopen(url, timeout=30).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return None
    return True


def workerd(tools):
    """The program, of this machine's processor; None if there is none."""
    return next(iter((tools / "npm/node_modules/@cloudflare").glob("workerd-*/bin/workerd")), None)


def bundle(bench, peer, into, jwk, secured=False):
    """A Worker of JavaScript as one file."""
    into.mkdir()
    command = [bench.tools / "npm/node_modules/.bin/esbuild", peer, "--bundle", "--format=esm", "--minify",
               "--platform=neutral", "--main-fields=module,main", "--conditions=workerd,worker,browser",
               f"--define:process.env.BENCH_JWK={json.dumps(json.dumps(jwk))}",
               "--define:process.env.BENCH_REMEMBER_TOKENS=undefined",
               f"--define:process.env.BENCH_SECURED={'true' if secured else 'undefined'}", f"--outfile={into / 'index.js'}"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"esbuild failed at {peer.name}: {done.stderr[-1000:]}")
    return into


def measure(bench, root, target, printed, same_work, free_port, failure):
    """Size and start of the Worker, and requests per second without storage beside the peer."""
    peers = root / "bench/peers"
    built = target / "edge"
    packed = len(gzip.compress(b"".join(file.read_bytes() for file in sorted(built.glob("index*"))
                                        if file.suffix in (".js", ".wasm")), 9))
    bench.row("The Worker, gzipped", f"{packed / 1e6:.2f} MB", "", "", "< 3 MB", packed < 3_000_000)
    try:
        hono = bundle(bench, peers / "hono-worker.mjs", bench.folder / "hono-worker", printed["jwk"])
        secured = bundle(bench, peers / "hono-worker.mjs", bench.folder / "hono-worker-secured", printed["jwk"], secured=True)
        empty = bundle(bench, peers / "empty-worker.mjs", bench.folder / "empty-worker", printed["jwk"])
    except RuntimeError as error:
        raise failure(str(error)) from error

    bench.say(" start-up")
    times = {folder: [] for folder in (built, hono, empty)}
    for _ in range(STARTS):
        for folder in times:
            server, _, took = start(bench, "a start", folder, free_port)
            server.stop()
            times[folder].append(took)
    started, answered = ([statistics.median(took[event] for took in times[folder]) for folder in times] for event in (0, 1))
    for what, (ours, theirs, bare), most in [("Start-up of the Worker in workerd, beside Hono + zod + jose", started, 50),
                                             ("… to its first answer", answered, None)]:
        bench.row(what, f"{ours - bare:.0f} ms", f"{theirs - bare:.0f} ms", "", f"< {most} ms" if most else "",
                  ours - bare < most if most else None)

    body = json.dumps(json.loads((root / "bench/consignment.json").read_text()), separators=(",", ":")).encode()
    bad_bodies = [{**json.loads(body), "reference": "42"}, {**json.loads(body), "unknown": 1}, b'{"reference":']
    workers = [(name, *start(bench, name, folder, free_port)[:2])
               for name, folder in [("Enver in workerd", target / "edge-bench"), ("Hono + zod + jose in workerd", hono),
                                    ("Hono, securing its answers", secured)]]
    targets = [{"name": name, "url": url + "/bench/v1/echo", "body": body, "token": printed["token"], "bad_bodies": bad_bodies}
               for name, _, url in workers]
    same_work(targets[0], targets[1:], 200)
    bench.warmed(lambda: [bench.load.measure(each, 200, [server]) for (_, server, _), each in zip(workers, targets)])
    for _, server, _ in workers:
        server.stop()
    bench.compare("At the edge without storage, beside Hono + zod + jose", workers[0][0], workers[1][0], 1, "≥ 1 ×")
    bench.compare("… when it too gives answers an id and header fields of security", workers[0][0], workers[2][0])
    bench.notes.append("The start-up of a Worker is the time in which its code is loaded and its global scope runs: from the start of "
                       f"workerd until it listens, less the {started[-1]:.0f} ms of an empty Worker. The load average was "
                       f"{os.getloadavg()[0]:.1f} at the end.")
