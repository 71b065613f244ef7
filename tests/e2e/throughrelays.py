#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ordinary homeservers that are never there at the same time talk through relays, with real processes over loopback.

    throughrelays.py RESTANTED RESTANTECTL [--rounds N] [--kills N] [--seed S]

A, C and D write to B, who is away: A and C to the front doors that two relays are for B, D through its own node, which
leaves mail at a third relay. Then they go, and B comes back with its node. Every part is killed once on the way, and with
--kills so many times more while mail is sent, and as often while it is collected and delivered: which one and when is
drawn from the seed.
"""

import argparse
import http.client
import itertools
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from homeserver import InThread, Process
from nodes import Installation, run_ctl, write_signing_key
from restanted import eventually, run_cases

PARSER = argparse.ArgumentParser()
PARSER.add_argument("restanted", type=os.path.abspath)
PARSER.add_argument("restantectl", type=os.path.abspath)
PARSER.add_argument("--rounds", type=int, default=6)
PARSER.add_argument("--kills", type=int, default=0)
PARSER.add_argument("--seed", type=int, default=1)
OPTIONS = PARSER.parse_args()
RESTANTED, CTL = OPTIONS.restanted, OPTIONS.restantectl
LONGEST_PAUSE = 0.4  # seconds between two kills
KEY_ID = "ed25519:a_test"
SEEDS = {name: bytes([number] * 32) for number, name in enumerate("abcd", 1)}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Hook:
    """To one homeserver it looks like the other one; what comes goes to a node listener, as its hook would send it."""

    def __init__(self, node, destination):
        with open(os.path.join(node.folder, "node.secret"), encoding="ascii") as file:
            secret = file.read().strip()
        address = node.process.ready["node"].removeprefix("http://")

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def pass_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    self.hand_over(body)
                except (OSError, http.client.HTTPException):  # the node was killed
                    self.close_connection = True

            def hand_over(self, body):
                connection = http.client.HTTPConnection(address, timeout=60)
                connection.putrequest(self.command, f"matrix-federation://{destination}{self.path}", skip_host=True,
                                      skip_accept_encoding=True)
                for name, value in (("Host", destination), ("Proxy-Authorization", f"Bearer {secret}"),
                                    ("Content-Type", "application/json"), ("Content-Length", str(len(body))),
                                    ("Connection", "close"), ("Authorization", self.headers.get("Authorization"))):
                    if value is not None:
                        connection.putheader(name, value)
                connection.endheaders(body)
                response = connection.getresponse()
                answer = response.read()
                connection.close()
                self.send_response(response.status)
                self.send_header("Content-Type", response.getheader("Content-Type") or "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_PUT = do_POST = pass_on

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class World:
    def __init__(self, folder):
        self.certificate, self.key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        self.key, "-out", self.certificate], check=True, capture_output=True)
        self.ports = {name: free_port() for name in "abcd"}
        self.names = {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}
        self.users = {name: f"@user:{server}" for name, server in self.names.items()}
        tls = {"tls_certificate": self.certificate, "tls_key": self.key}
        self.others = {name: InThread(name=self.names[name], seed=SEEDS[name].hex(), port=self.ports[name],
                                      processing_ms=1, inner_tries=400, inner_wait_ms=50, **tls) for name in "acd"}
        # B's name leads to a relay: the homeserver itself listens inside, without TLS.
        self.b = Process(folder, name=self.names["b"], seed=SEEDS["b"].hex(), processing_ms=1)
        self.addresses = {self.names[name]: f"https://{each.address}" for name, each in self.others.items()}
        self.addresses[self.names["b"]] = self.b.address
        for each in [*self.others.values(), self.b]:
            each.options(addresses=self.addresses)
        a = self.others["a"]
        self.room = a.create_room(creator=self.users["a"])
        there = [a]
        for name in "bcd":
            there.append(self.b if name == "b" else self.others[name])
            joined = there[-1].join(room=self.room, user=self.users[name], via=self.names["a"])
            for each in there:
                each.has(event=joined)
        for each in self.others.values():
            each.all_sent(destination=self.names["b"])
        self.before = len(self.b.records(kind="pdu"))
        b_key = self.b.key_document()["verify_keys"][KEY_ID]["key"]
        outside = ("--set", "federation.allowed_networks=127.0.0.0/8", "--set", f"federation.ca_file={self.certificate}")
        self.relays = []
        for number, listen in enumerate((self.ports["b"], free_port(), free_port())):
            relay = Installation(RESTANTED, os.path.join(folder, f"relay{number}"), "--tls-cert", self.certificate,
                                 "--tls-key", self.key, "--listen", f"127.0.0.1:{listen}", *outside)
            relay.port = listen
            relay.start()
            front = ("--front", f"127.0.0.1:{listen}") if number < 2 else ()
            run_ctl(CTL, relay, "serve", "add", self.names["b"], *front)
            run_ctl(CTL, relay, "key", "pin", self.names["b"], KEY_ID, b_key)
            self.relays.append(relay)
        relay_names = ",".join(relay.process.name for relay in self.relays)
        self.node = self.make_node(folder, "b", "--set", f"node.homeserver=http://{self.b.address}", "--set",
                                   f"federation.notaries={relay_names}", *outside)
        for relay in self.relays:
            run_ctl(CTL, self.node, "relay", "add", relay.process.name, "--url", f"https://127.0.0.1:{relay.port}")
        self.sender = self.make_node(folder, "d", *outside)
        run_ctl(CTL, self.sender, "relay", "add", self.relays[2].process.name, "--url",
                f"https://127.0.0.1:{self.relays[2].port}", "--for", self.names["b"])
        self.hook = Hook(self.sender, self.names["b"])
        ways = {"a": f"https://127.0.0.1:{self.relays[0].port}", "c": f"https://127.0.0.1:{self.relays[1].port}",
                "d": self.hook.address}
        for name, each in self.others.items():
            each.options(addresses={**self.addresses, self.names["b"]: ways[name]})
        with open(os.path.join(self.node.folder, "node.secret"), encoding="ascii") as file:
            self.b.configured["hook_secret"] = file.read().strip()
        self.b.configured["hook"] = self.node.process.ready["node"].removeprefix("http://")
        self.messages, self.to_device = [], []

    def make_node(self, folder, name, *options):
        key = write_signing_key(os.path.join(folder, f"{name}.key"), "a_test", SEEDS[name])
        node = Installation(RESTANTED, os.path.join(folder, f"node-{name}"), "--server-name", self.names[name],
                            "--import-key", key, "--set", "node.enabled=true", "--set",
                            f"node.listen=127.0.0.1:{free_port()}", "--set", "node.failures_until_offline=1", *options)
        return node.start()

    def kill_and_start(self, part):
        if part is self.b:
            part.kill()
        else:
            part.process.kill()
        part.start()

    def kill_some(self, parts, dice):
        for _ in range(OPTIONS.kills):
            time.sleep(dice.uniform(0, LONGEST_PAUSE))  # any moment is as good as another: nothing is waited for
            self.kill_and_start(dice.choice(parts))

    def talk(self, rounds):
        """Each says something in turn, when it has heard the others, and sends something to one of B's devices."""
        for number in range(rounds):
            for name, each in self.others.items():
                said = each.say(room=self.room, sender=self.users[name], text=f"{number} <&> \u2028 \u00e9")
                self.to_device.append(each.to_device(sender=self.users[name], user=self.users["b"], device="D", content={}))
                self.messages.append(said)
                each.all_sent(destination=self.names["b"])
                for other in self.others.values():
                    other.has(event=said)

    def stop(self):
        for each in (*self.others.values(), self.b, self.hook):
            each.stop()
        for each in (self.node, self.sender, *self.relays):
            each.process.stop()


def mail_for_a_friend_that_is_away_is_left_on_three_ways():
    WORLD.b.kill()
    WORLD.node.process.kill()
    victims = [*WORLD.relays, WORLD.sender]
    DICE.shuffle(victims)
    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(WORLD.kill_some, victims, random.Random(OPTIONS.seed))
        for number in itertools.count():
            if number >= OPTIONS.rounds and killing.done():
                break
            WORLD.talk(1)
            if not OPTIONS.kills and number < len(victims):
                WORLD.kill_and_start(victims[number])
        killing.result()
    for each in WORLD.others.values():
        assert each.backoff(destination=WORLD.names["b"]) is None


def a_stranger_mixes_in_what_homeservers_fail_over():
    WORLD.others["a"].edu(destination=WORLD.names["b"], edu_type="m.typing", content={})
    WORLD.others["a"].all_sent(destination=WORLD.names["b"])
    WORLD.talk(1)
    held = sum(row["entries"] for relay in WORLD.relays for row in run_ctl(CTL, relay, "queues")["destinations"])
    assert held >= len(WORLD.messages), f"{held} transactions held for {len(WORLD.messages)} messages"


def everything_arrives_once_and_in_order_though_all_senders_are_gone():
    for name in list(WORLD.others):
        WORLD.others.pop(name).stop()
    if OPTIONS.kills:
        WORLD.b.configured["processing_ms"] = 30  # so that it is still being delivered then
    WORLD.b.start()
    WORLD.node.start()
    WORLD.kill_some([*WORLD.relays, WORLD.node, WORLD.node, WORLD.b, WORLD.b], DICE)
    eventually(lambda: WORLD.b.records(kind="pdu")[WORLD.before:], "the first message has arrived")
    WORLD.kill_and_start(WORLD.node)
    WORLD.kill_and_start(WORLD.b)
    run_ctl(CTL, WORLD.node, "retrieve")
    run_ctl(CTL, WORLD.node, "inbox", "retry")
    eventually(lambda: {row["delivery"] for row in run_ctl(CTL, WORLD.node, "inbox", "list")["rows"]} == {"parked"},
               "only the poison is left")
    WORLD.b.settled()
    pdus = [each["id"] for each in WORLD.b.records(kind="pdu")][WORLD.before:]
    assert sorted(pdus) == sorted(WORLD.messages), f"{len(pdus)} of {len(WORLD.messages)} messages"
    order = {event: place for place, event in enumerate(pdus)}
    late = [event for before, event in zip(WORLD.messages, WORLD.messages[1:]) if order[before] > order[event]]
    assert not late, f"{len(late)} messages came before those that they follow"
    found = [each["id"] for each in WORLD.b.records(kind="m.direct_to_device")]
    assert sorted(found) == sorted(WORLD.to_device), f"{len(found)} of {len(WORLD.to_device)} to-device messages"
    assert not WORLD.b.records(kind="dropped")


if __name__ == "__main__":
    DICE = random.Random(OPTIONS.seed)
    scratch = tempfile.mkdtemp(prefix="restante-through-")
    WORLD = World(scratch)
    try:
        status = run_cases([mail_for_a_friend_that_is_away_is_left_on_three_ways,
                            a_stranger_mixes_in_what_homeservers_fail_over,
                            everything_arrives_once_and_in_order_though_all_senders_are_gone])
    finally:
        WORLD.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(status)
