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
NPM = ["esbuild", "miniflare", "hono", "@hono/zod-validator", "zod", "jose"]
# What the real Worker finds; nobody is asked at these addresses.
VARIABLES = {"SERVICE_NAME": "edge", "ENVIRONMENT": "main", "CONFIG_SERVICE_URL": "http://127.0.0.1:9", "LOG_LEVEL": "ERROR",
             "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "any",
             # enver:allow(hardcoded-secret) nobody is asked with it
             "AWS_SECRET_ACCESS_KEY": "any"}


def missing(tools):
    """What cannot be measured with."""
    return [name for name in NPM if not (tools / "npm/node_modules" / name).is_dir()]


class Workerd:
    """A Worker in workerd. Its processor time is that of workerd, not of the program that started it."""

    def __init__(self, bench, name, folder, root):
        # What a runtime that is killed leaves behind goes with the folder of the run.
        env = {"EDGE_VARS": json.dumps(VARIABLES), "TMPDIR": str(bench.folder)}
        self.begun = time.perf_counter()
        self.server = bench.start(name, "node", root / "functions/edge/run.mjs", "--dir", folder, env=env)
        self.name = name

    def url(self):
        return self.server.printed(r"^ready (\S+)$")[1]

    def cpu_seconds(self):
        return sum(seconds(pid) for pid in descendants(self.server.process.pid))

    def stop(self):
        self.server.stop()


def descendants(pid):
    """The processes below one."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            children = [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []
    return children + [below for child in children for below in descendants(child)]


def seconds(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def bundle(bench, peer, into, jwk):
    """A Worker of JavaScript as one file."""
    into.mkdir()
    command = [bench.tools / "npm/node_modules/.bin/esbuild", peer, "--bundle", "--format=esm", "--minify",
               "--platform=neutral", "--main-fields=module,main", "--conditions=workerd,worker,browser",
               f"--define:process.env.BENCH_JWK={json.dumps(json.dumps(jwk))}",
               "--define:process.env.BENCH_REMEMBER_TOKENS=undefined", f"--outfile={into / 'index.js'}"]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"esbuild failed at {peer.name}: {done.stderr[-1000:]}")
    return into


def measure(bench, root, target, printed, same_work, failure):
    """Size and start of the Worker, and requests per second without storage beside the peer."""
    peers = root / "bench/peers"
    built = target / "edge"
    packed = len(gzip.compress(b"".join(file.read_bytes() for file in sorted(built.glob("index*"))
                                        if file.suffix in (".js", ".wasm")), 9))
    bench.row("The Worker, gzipped", f"{packed / 1e6:.2f} MB", "", "", "< 3 MB", packed < 3_000_000)
    try:
        hono = bundle(bench, peers / "hono-worker.mjs", bench.folder / "hono-worker", printed["jwk"])
        empty = bundle(bench, peers / "empty-worker.mjs", bench.folder / "empty-worker", printed["jwk"])
    except RuntimeError as error:
        raise failure(str(error)) from error

    bench.say(" start-up")
    ours, bare = starts(bench, built, root), starts(bench, empty, root)
    bench.row("Start of the Worker in workerd, beyond that of an empty one", f"{(ours - bare) * 1000:.0f} ms", "", "", "< 50 ms",
              ours - bare < 0.05)

    body = json.dumps(json.loads((root / "bench/consignment.json").read_text()), separators=(",", ":")).encode()
    bad_bodies = [{**json.loads(body), "reference": "42"}, {**json.loads(body), "unknown": 1}, b'{"reference":']
    workers = [Workerd(bench, "Enver in workerd", target / "edge-bench", root),
               Workerd(bench, "Hono + zod + jose in workerd", hono, root)]
    targets = [{"name": worker.name, "url": worker.url() + "/bench/v1/echo", "body": body, "token": printed["token"],
                "bad_bodies": bad_bodies} for worker in workers]
    same_work(targets[0], targets[1:], 200)
    for number in range(bench.arguments.rounds):
        bench.say(f" round {number + 1}")
        for worker, each in zip(workers, targets):
            bench.load.measure(each, 200, [worker])
    for worker in workers:
        worker.stop()
    bench.compare("At the edge without storage, beside Hono + zod + jose", workers[0].name, workers[1].name, 1, "≥ 1 ×")
    bench.notes.append(f"At the edge: the load average was {os.getloadavg()[0]:.1f} at the end.")


def starts(bench, folder, root):
    """From the start of the runtime to the first answer."""
    times = []
    for _ in range(STARTS):
        worker = Workerd(bench, "a start", folder, root)
        request = urllib.request.Request(worker.url() + "/health")
        # enver:allow(hardcoded-timeout) a Worker that never starts ends the measurement
        with urllib.request.urlopen(request, timeout=30) as answer:
            answer.read()
        times.append(time.perf_counter() - worker.begun)
        worker.stop()
    return statistics.median(times)
