#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes and three relays, all real processes over loopback: A sends to B through relays while B is away, B collects
what they hold with kill -9 at random moments, and with B back everything goes directly.

    nodetest.py RESTANTED RESTANTECTL [SEED]

SEED chooses the moments of the kills; a failure prints it. B's homeserver is played here: an HTTPS server that serves B's key document and takes PUT /send.
"""

import base64
import contextlib
import glob
import http.server
import json
import os
import random
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time

from nodegate import MOMENTS, Gate
from nodes import Installation, Outbound, run_ctl, write_signing_key
from restanted import eventually

from matrixwire import Identity, Relay, canonical_json, pdu, unpadded_base64  # nodes.py put conformance/ on the path

TRANSACTIONS = 600
LATE = TRANSACTIONS // 3  # the second relay comes, the third goes
HALF = TRANSACTIONS // 2  # the first goes
BACK = TRANSACTIONS * 2 // 3  # the third is back
FRIENDS = 90  # transactions of another origin
KILLS = 10
SEED = 26
CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "captures")


class Homeserver:
    """B's homeserver: key document and /send, over TLS on a port that stays the same."""

    def __init__(self, folder):
        self.taken = []
        self.folder = folder
        self.port = None
        self.server = None
        self.identity = None
        self.certificate = os.path.join(folder, "cert.pem")
        self.key = os.path.join(folder, "key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out",
             self.certificate], check=True, capture_output=True)

    def start(self):
        homeserver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self, status, value):
                body = canonical_json(value)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if self.path == "/_matrix/key/v2/server":
                    self.answer(200, homeserver.key_document())
                else:
                    self.answer(404, {"errcode": "M_NOT_FOUND", "error": ""})

            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                homeserver.taken.append((self.path, self.headers["Authorization"], body))
                self.answer(200, {"pdus": {}})

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", self.port or 0), Handler)
        self.port = self.server.server_address[1]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def key_document(self):
        document = {
            "server_name": self.identity.name,
            "valid_until_ts": int(time.time() * 1000) + 24 * 3600 * 1000,
            "verify_keys": {self.identity.key_id: {"key": unpadded_base64(bytes(self.identity.key.verify_key))}},
            "old_verify_keys": {},
        }
        signature = unpadded_base64(self.identity.key.sign(canonical_json(document)).signature)
        document["signatures"] = {self.identity.name: {self.identity.key_id: signature}}
        return document


def make_transactions(origin, destination):
    """Bodies with the shapes of the captured ones, made unique and signed at times that grow."""
    shapes = []
    for name in sorted(glob.glob(os.path.join(CAPTURES, "*.json"))):
        with open(name, encoding="utf-8") as file:
            capture = json.load(file)
        text = base64.b64decode(capture["body_b64"]) if "body_b64" in capture else capture.get("body", "").encode()
        body = json.loads(text) if text else {}
        fleeting = {"m.typing", "m.presence"}  # alone they are left at no relay
        if body.get("pdus") or {each["edu_type"] for each in body.get("edus", [])} - fleeting:
            shapes.append(body)
    assert len(shapes) >= 40, f"only {len(shapes)} captured bodies were found"
    bodies = []
    begin = int(time.time() * 1000) - TRANSACTIONS
    for number in range(TRANSACTIONS):
        body = json.loads(json.dumps(shapes[number % len(shapes)]))
        body["origin"] = origin
        body["origin_server_ts"] = begin + number
        if body.get("pdus"):
            body["pdus"][0]["unsigned"] = {"number": number}
        elif body.get("edus"):
            body["edus"][0]["content"]["number"] = number
        else:
            body["pdus"] = [{"type": "m.room.message", "number": number}]
        bodies.append(body)
    return bodies


class Scenario:
    def __init__(self, restanted, ctl, folder, seed):
        self.ctl_program, self.folder = ctl, folder
        self.random = random.Random(seed)
        self.gate = Gate()
        self.home = Homeserver(folder)
        self.home.start()
        b_seed = os.urandom(32)
        name = f"127.0.0.1:{self.home.port}"
        self.home.identity = Identity(b_seed, name=name, key_id="ed25519:a_test")
        self.home.stop()
        a_seed = os.urandom(32)
        self.a_identity = Identity(a_seed)
        self.friend = Identity(os.urandom(32))
        keys = {}
        for label, key_id, secret in (("a", "dendrite-demo-yggdrasil", a_seed), ("b", "a_test", b_seed)):
            keys[label] = write_signing_key(os.path.join(folder, f"{label}.signing.key"), key_id, secret)
        network = ["--set", "federation.allowed_networks=127.0.0.0/8", "--set",
                   f"federation.ca_file={self.home.certificate}"]
        relay = ["--serve", name, *network]
        self.relays = [Installation(restanted, os.path.join(folder, f"relay{number}"), *relay) for number in (1, 2, 3)]
        node = ["--set", "node.enabled=true", "--set", "node.listen=127.0.0.1:0", *network]
        self.a = Installation(restanted, os.path.join(folder, "a"), "--import-key", keys["a"], "--server-name",
                              self.a_identity.name, *node)
        self.b = Installation(restanted, os.path.join(folder, "b"), "--import-key", keys["b"], "--server-name", name,
                              *node)

    def ctl(self, installation, *arguments, check=True):
        return run_ctl(self.ctl_program, installation, *arguments, check=check)

    def held(self, relay):
        return self.ctl(relay, "status")["accepted"]

    def destination(self):
        """B as A's outbox sees it."""
        (row,) = self.ctl(self.a, "outbox")["destinations"]
        return row

    def run(self):
        b_name = self.home.identity.name
        for relay in self.relays:
            relay.start().fix_port()
        self.a.start()
        self.b.start()
        for relay in self.relays:
            self.ctl(self.a, "relay", "add", relay.process.name, "--url", relay.process.base, "--for", b_name)
            door = self.gate.door(relay.process.base, relay.process.name)
            self.ctl(self.b, "relay", "add", relay.process.name, "--url", door)
        # The key was imported at the first start; a second import would be refused.
        self.b.process.stop()
        self.b.options = self.b.options[4:]
        self.relays[1].process.stop()

        bodies = make_transactions(self.a_identity.name, b_name)
        outbound = Outbound(self.a, self.a_identity, b_name)
        refused = 0
        for number, body in enumerate(bodies):
            if number == LATE:
                self.relays[1].start()  # comes late
                self.relays[2].process.kill()
            if number == HALF:
                self.relays[0].process.kill()  # dies half-way
            if number == BACK:
                self.relays[2].start()
            while True:
                status, answer = outbound.put(f"t{number}", body)
                if status == 200:
                    assert answer == b'{"pdus":{}}', answer
                    break
                assert status == 502, (status, answer)
                refused += 1  # the homeserver keeps it and tries again
                assert refused < 5, "B does not count as offline"
        assert refused == 1, f"{refused} transactions were refused before B counted as offline"
        assert not self.home.taken
        outbox = self.destination()
        assert outbox["state"] == "offline" and outbox["sent_by_relay"] == TRANSACTIONS, outbox
        # The last ones may still be on their way to the slower of the two.
        eventually(lambda: self.held(self.relays[1]) == TRANSACTIONS - LATE, "the second relay has all since it came")
        self.relays[0].start()
        friends = self.leave_a_friends_mail(b_name)
        print(f"   relays hold {self.ctl(self.relays[0], 'status')['held_entries']}, "
              f"{self.ctl(self.relays[1], 'status')['held_entries']}, "
              f"{self.ctl(self.relays[2], 'status')['held_entries']}")

        self.home.start()
        self.collect_with_kills()
        self.check_inbox({self.a_identity.name: bodies, self.friend.name: friends})
        self.check_direct(outbound, bodies)

    def leave_a_friends_mail(self, b_name):
        """Another origin's, one after another at one relay after another, the latest first."""
        end = int(time.time() * 1000)
        bodies = [{"origin": self.friend.name, "origin_server_ts": end - FRIENDS + number, "pdus": [pdu(number)],
                   "edus": []} for number in range(FRIENDS)]
        relays = [Relay(relay.process.base, relay.process.name) for relay in self.relays]
        for number in reversed(range(FRIENDS)):
            reply = relays[number % len(relays)].send_relay(self.friend, f"f{number}", f"@user:{b_name}", bodies[number])
            assert reply.status == 200, reply
        return bodies

    def collect_with_kills(self):
        """B starts, begins to collect by itself, and is killed while it does."""
        counts, moments = [], []
        planned = (MOMENTS * KILLS)[:KILLS]  # each as often as the others
        for moment in self.random.sample(planned, KILLS):
            before = self.in_inbox()
            answers = self.random.randint(1, 3)
            self.gate.hold(answers, moment)
            self.b.start()
            self.gate.until_reached()
            self.b.process.kill()
            self.gate.open()
            counts.append(self.in_inbox())
            moments.append(f"{answers}, {moment}: {counts[-1]}")
            assert counts[-1] >= before, f"something that was collected is gone: {moments}"
        print(f"   killed after so many answers, at this moment: in the inbox then\n      {'; '.join(moments)}")
        all_of_it = TRANSACTIONS + FRIENDS
        amid = sum(0 < count < all_of_it for count in counts)
        assert amid >= KILLS - 2, f"only {amid} kills hit while some was collected and some was not: {moments}"
        # On a busy machine several kills come before anything new is kept: of ten, five did.
        assert len(set(counts)) >= KILLS // 3, f"hardly anything was collected between the kills: {moments}"
        self.b.start()
        sweep = self.ctl(self.b, "retrieve")
        assert not any(relay.get("error") for relay in sweep["relays"]), sweep
        for relay in self.relays:
            status = self.ctl(relay, "status")
            assert status["held_entries"] == 0, status

    def in_inbox(self):
        """How much there is, merged or not, of a B that does not run."""
        database = os.path.join(self.b.folder, "node.sqlite")
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            return connection.execute("SELECT COUNT(*) FROM inbox").fetchone()[0]

    def check_inbox(self, bodies_of):
        """Everything is there exactly once, and each origin's in the order of its signed times."""
        file = os.path.join(self.folder, "inbox.jsonl")
        self.ctl(self.b, "inbox", "export", file)
        with open(file, encoding="utf-8") as lines:
            entries = [json.loads(line) for line in lines]
        assert {entry["origin"] for entry in entries} == set(bodies_of)
        for origin, bodies in bodies_of.items():
            ours = [entry for entry in entries if entry["origin"] == origin]
            assert len(ours) == len(bodies), f"{len(ours)} of {len(bodies)} of {origin} are in the inbox"
            for entry, body in zip(ours, bodies):  # the order of signed time is the order of making
                assert entry["origin_server_ts"] == body["origin_server_ts"], entry
                assert entry["pdus"] == body.get("pdus", []), entry
                edus = body.get("edus", [])
                assert entry["edus"][:len(edus)] == edus, entry
                more = [each["edu_type"] for each in entry["edus"][len(edus):]]  # the homeserver's own signature
                assert more == ["org.restante.attestation"] * (origin == self.a_identity.name), entry

    def check_direct(self, outbound, bodies):
        """With B back, the next transaction goes directly, and no relay sees anything."""
        before = [self.held(relay) for relay in self.relays]
        outbound.connection = None  # it was idle for longer than one may be
        for number, body in enumerate(bodies[:50]):
            status, _ = outbound.put(f"d{number}", body)
            assert status == 200
        assert len(self.home.taken) == 50, len(self.home.taken)
        for (path, authorization, text), (number, body) in zip(self.home.taken, enumerate(bodies)):
            assert path == f"/_matrix/federation/v1/send/d{number}"
            assert text == canonical_json(body)
            assert authorization == self.a_identity.sign("PUT", path, self.home.identity.name, body)
        assert [self.held(relay) for relay in self.relays] == before
        assert self.destination()["state"] == "reachable"

    def end(self):
        self.gate.close()
        for installation in (self.a, self.b, *self.relays):
            if installation.process and installation.process.process.poll() is None:
                installation.process.kill()


def main():
    restanted, ctl = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else SEED
    folder = tempfile.mkdtemp(prefix="restante-node-")
    scenario = Scenario(restanted, ctl, folder, seed)
    try:
        scenario.run()
        print("1 passed, 0 failed")
        return 0
    except Exception:
        print(f"   failed with seed {seed}", flush=True)
        raise
    finally:
        scenario.end()
        shutil.rmtree(folder, ignore_errors=True)


sys.exit(main())
