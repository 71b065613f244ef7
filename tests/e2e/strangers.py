# SPDX-License-Identifier: GPL-3.0-or-later
"""What strangers can do to a relay, and what others notice of it: a table, one row an attack.

Each attack runs against a fresh restanted with its ordinary limits, from addresses of its own (127.0.2.x). Meanwhile a
listed friend leaves mail for an owner who is served (from 127.0.1.1), a newcomer whose key must be fetched first does
so, too (127.0.1.3), and the owner collects (127.0.1.2). A row is held where nobody of them was refused anything and the
program stayed within its memory; how long they waited, against the time before the attack, is printed and not judged,
because the attackers run on the same machine.

usage: strangers.py RESTANTED [--seconds N] [--only NAME ...]
"""

import argparse
import hashlib
import http.client
import http.server
import json
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import threading
import time

from restanted import Restanted  # first: it finds the kit for the others

import strangerattacks
from matrixwire import Identity, canonical_json
from strangerattacks import Target, source

MOST_MIB = 128
MOST_SECONDS = 2
FRIEND, OWNER, NEWCOMER = "127.0.1.1", "127.0.1.2", "127.0.1.3"


class KeyServer:
    """Where the keys of servers named ADDRESS:PORT are fetched: what a homeserver answers."""

    def __init__(self, identities):
        documents = {identity.name: self._document(identity) for identity in identities}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = documents.get(self.headers["Host"], b"{}")
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.handler = Handler

    @staticmethod
    def _document(identity):
        document = {
            "server_name": identity.name,
            "valid_until_ts": int(time.time() * 1000) + 86_400_000,
            "verify_keys": {identity.key_id: {"key": strangerattacks.text64(bytes(identity.key.verify_key))}},
            "old_verify_keys": {},
        }
        signature = strangerattacks.text64(identity.key.sign(canonical_json(document)).signature)
        return json.dumps({**document, "signatures": {identity.name: {identity.key_id: signature}}}).encode()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else float("nan")


def bystander(kind, target, identities, address, pipe):
    """One process: asks again and again, in the name of one identity after the other, and tells (moment, seconds, status) of
    each request when it is told to stop."""
    seen = []
    connection = None
    number = 0
    acknowledged = 0
    start = time.monotonic()
    while not pipe.poll(0.05):
        # Another one after ten requests, but no more than one address may have asked for their keys.
        identity = identities[min(number // 10, 15 + int((time.monotonic() - start) / 4)) % len(identities)]
        number += 1
        if kind == "collects":
            method, uri = "GET", f"/_matrix/federation/v1/relay_txn/{identity.user}"
            content = {"entry_id": acknowledged}
        else:
            method, uri = "PUT", f"/_matrix/federation/v1/send_relay/{kind}{number}/{target.owner.user}"
            text = f"{kind} {number} " + "x" * (200_000 if number % 5 == 0 else 100)
            content = {"pdus": [{"type": "m.room.message", "content": {"body": text}}]}
        body = canonical_json(content)
        headers = {"Authorization": identity.sign(method, uri, target.name, content), "Content-Type": "application/json"}
        begin = time.monotonic()
        try:
            if connection is None:
                connection = http.client.HTTPConnection(*target.place, timeout=30, source_address=source(address))
            connection.request(method, uri, body, headers)
            response = connection.getresponse()
            answer = response.read()
            status = response.status if response.status == 200 else f"{response.status} {answer[:200].decode()}"
            if kind == "collects" and status == 200:
                acknowledged = json.loads(answer).get("entry_id") or 0
        except (OSError, http.client.HTTPException) as error:
            connection, status = None, type(error).__name__
        seen.append((begin, time.monotonic() - begin, status))
    pipe.send(seen)


class Bystanders:
    def __init__(self, target, friend, owner, newcomers):
        self.parts = {}
        for name, kind, identities, address in (
            ("friend", "leaves", [friend], FRIEND),
            ("newcomer", "new", newcomers, NEWCOMER),
            ("owner", "collects", [owner], OWNER),
        ):
            here, there = multiprocessing.Pipe()
            process = multiprocessing.Process(target=bystander, args=(kind, target, identities, address, there))
            process.start()
            self.parts[name] = (process, here)

    def end(self):
        """{name: [(moment, seconds, status)]}"""
        for _, pipe in self.parts.values():
            pipe.send("stop")
        seen = {}
        for name, (process, pipe) in self.parts.items():
            assert pipe.poll(60), f"the {name} does not end"
            seen[name] = pipe.recv()
            process.join()
        return seen


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


class Memory(threading.Thread):
    """The most memory that a process has while this runs."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.most, self.ended = pid, 0.0, threading.Event()

    def run(self):
        while not self.ended.wait(0.02):
            self.most = max(self.most, resident_mib(self.pid))


def run(program, attack, seconds):
    """One row: what it cost and what was seen."""
    with tempfile.TemporaryDirectory() as folder, strangerattacks.certificate() as (certificate, key):
        port = strangerattacks.free_port()
        friend, owner = Identity.p2p("friend"), Identity.p2p("owner")
        names = [f"127.0.3.{n}:{port}" for n in range(1, 65)]
        newcomers = [Identity(hashlib.sha256(name.encode()).digest(), name, "ed25519:a") for name in names]
        keys = strangerattacks.serve(KeyServer(newcomers).handler, port, certificate, key)
        options = ["--set", "federation.allowed_networks=127.0.0.0/8", "--set", f"federation.ca_file={certificate}"]
        settings = {"relay.served": [{"name": owner.name, "known_origins": [friend.name]}]}
        with open(os.path.join(folder, "settings.json"), "w", encoding="ascii") as file:
            json.dump(settings, file)
        relay = Restanted(program, folder, *options, open_relay=attack.open_relay).wait_ready()
        host, _, relay_port = relay.base.rpartition("/")[2].partition(":")
        target = Target((host, int(relay_port)), relay.name, owner, port, certificate, key)
        memory = Memory(relay.process.pid)
        memory.start()
        bystanders = Bystanders(target, friend, owner, newcomers)
        time.sleep(max(1, seconds / 2))
        begin = time.monotonic()
        spent = attack.run(target, begin + seconds)
        end = time.monotonic()
        time.sleep(0.5)
        seen = bystanders.end()
        memory.ended.set()
        memory.join()
        after = resident_mib(relay.process.pid)
        log = relay.errors[-3:]
        status = relay.stop()
        keys.shutdown()
    return Row(attack.name, spent, seen, begin, end, memory.most, after, status, log)


class Row:
    def __init__(self, name, spent, seen, begin, end, most, after, status, log):
        self.name, self.spent, self.most, self.after, self.status, self.log = name, spent, most, after, status, log
        self.quiet, self.meanwhile, self.refused = {}, {}, {}
        for who, requests in seen.items():
            self.quiet[who] = [took for at, took, _ in requests if at < begin]
            self.meanwhile[who] = [took for at, took, _ in requests if begin <= at < end]
            self.refused[who] = [status for at, _, status in requests if status != 200]

    def faults(self):
        for who, statuses in self.refused.items():
            if statuses:
                yield f"the {who} was refused {len(statuses)} times: {statuses[:2]}"
            if not self.meanwhile[who]:
                yield f"the {who} got no answer"
            elif (waited := percentile(self.meanwhile[who], 0.99)) > MOST_SECONDS:
                yield f"the {who} waited {waited:.1f} s"
        if self.most > MOST_MIB:
            yield f"{self.most:.0f} MiB"
        if self.status != 0:
            yield f"ended with status {self.status}: {self.log}"

    def text(self):
        cells = [f"{self.name:<44}", f"{self.spent.requests:>7}", f"{self.spent.mib:>8.1f}"]
        for who in ("friend", "newcomer", "owner"):
            quiet, now = percentile(self.quiet[who], 0.99) * 1000, percentile(self.meanwhile[who], 0.99) * 1000
            cells.append(f"{quiet:>6.1f} {now:>7.1f}")
        cells.append(f"{self.most:>5.0f} {self.after:>5.0f}")
        faults = list(self.faults())
        cells.append("held" if not faults else "; ".join(faults))
        return " | ".join(cells)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--only", nargs="*")
    options = parser.parse_args()
    head = f"{'attack':<44} | {'requests':>7} | {'MiB':>8} | friend p99 ms | newcomer p99  | owner p99 ms   | MiB most, after"
    print(head + "\n" + f"{'':<44} | {'':>8}| {'':>8} | quiet  during | quiet  during | quiet   during |", flush=True)
    failed = 0
    for attack in strangerattacks.ATTACKS:
        if options.only and attack.name not in options.only:
            continue
        row = run(options.program, attack, options.seconds)
        print(row.text(), flush=True)
        failed += bool(list(row.faults()))
    print(f"{failed} attacks were noticed" if failed else "every attack was held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
