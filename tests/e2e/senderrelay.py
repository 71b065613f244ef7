#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail for a friend without a relay waits at a relay of its sender's own, which sends it, with real processes over loopback.

    senderrelay.py RESTANTED RESTANTECTL

A writes to B, who is away and has no relay. A's node leaves the mail at A's own relay. A goes; B comes back.
"""

import os
import shutil
import subprocess
import sys
import tempfile

from homeserver import InThread, Process
from nodes import Installation, run_ctl, write_signing_key
from restanted import eventually, run_cases
from throughrelays import Hook, free_port

RESTANTED, CTL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SEEDS = {name: bytes([number] * 32) for number, name in enumerate("ab", 1)}
ROUNDS = 4


class World:
    def __init__(self, folder):
        certificate, key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key,
                        "-out", certificate], check=True, capture_output=True)
        ports = {name: free_port() for name in ("a", "b", "relay")}
        self.names = {name: f"127.0.0.1:{ports[name]}" for name in "ab"}
        self.users = {name: f"@user:{server}" for name, server in self.names.items()}
        tls = {"tls_certificate": certificate, "tls_key": key}
        self.a = InThread(name=self.names["a"], seed=SEEDS["a"].hex(), port=ports["a"], processing_ms=1, **tls)
        self.b = Process(folder, name=self.names["b"], seed=SEEDS["b"].hex(), port=ports["b"], processing_ms=1, **tls)
        addresses = {self.names["a"]: f"https://{self.a.address}", self.names["b"]: f"https://{self.b.address}"}
        for each in (self.a, self.b):
            each.options(addresses=addresses)
        self.room = self.a.create_room(creator=self.users["a"])
        self.a.has(event=self.b.join(room=self.room, user=self.users["b"], via=self.names["a"]))
        self.a.all_sent(destination=self.names["b"])
        self.before = len(self.b.records(kind="pdu"))
        outside = ("--set", "federation.allowed_networks=127.0.0.0/8", "--set", f"federation.ca_file={certificate}")
        self.relay = Installation(RESTANTED, os.path.join(folder, "relay"), "--tls-cert", certificate, "--tls-key", key,
                                  "--listen", f"127.0.0.1:{ports['relay']}", "--set",
                                  f"relay.sends_for={self.names['a']}", "--set", "relay.probe_seconds=1", *outside)
        self.relay.start()
        signing_key = write_signing_key(os.path.join(folder, "a.key"), "a_test", SEEDS["a"])
        self.node = Installation(RESTANTED, os.path.join(folder, "node"), "--server-name", self.names["a"],
                                 "--import-key", signing_key, "--set", "node.enabled=true", "--set",
                                 "node.listen=127.0.0.1:0", "--set", "node.failures_until_offline=1", "--set",
                                 f"node.own_relays={self.relay.process.name} https://127.0.0.1:{ports['relay']}",
                                 *outside)
        self.node.start()
        self.hook = Hook(self.node, self.names["b"])
        self.a.options(addresses={**addresses, self.names["b"]: self.hook.address})
        self.messages, self.to_device = [], []

    def talk(self):
        self.messages.append(self.a.say(room=self.room, sender=self.users["a"], text="<&> \u2028 \u00e9"))
        self.to_device.append(self.a.to_device(sender=self.users["a"], user=self.users["b"], device="D", content={}))
        self.a.all_sent(destination=self.names["b"])

    def held(self):
        return sum(row["entries"] for row in run_ctl(CTL, self.relay, "queues")["destinations"])

    def arrived(self):
        self.b.has(event=self.messages[-1])
        eventually(lambda: self.held() == 0, "the relay has sent everything")
        self.b.settled()
        pdus = [each["id"] for each in self.b.records(kind="pdu")][self.before:]
        assert pdus == self.messages, f"{len(pdus)} events for {len(self.messages)} messages"
        found = [each["id"] for each in self.b.records(kind="m.direct_to_device")]
        assert found == self.to_device, f"{len(found)} of {len(self.to_device)} to-device messages"
        assert not self.b.records(kind="dropped")

    def stop(self):
        for each in (self.a, self.b, self.hook):
            if each:
                each.stop()
        for each in (self.node, self.relay):
            each.process.stop()


def mail_for_a_friend_without_a_relay_waits_at_ones_own():
    WORLD.b.kill()
    WORLD.talk()
    assert WORLD.held() > 0
    assert WORLD.a.backoff(destination=WORLD.names["b"]) is None
    status = run_ctl(CTL, WORLD.relay, "status")
    assert status["sends_for"] == 1 and status["dispatched"] == 0, status


def when_the_friend_is_back_it_has_the_mail_within_the_probe_interval():
    WORLD.b.start()
    WORLD.arrived()
    eventually(lambda: run_ctl(CTL, WORLD.relay, "status")["dispatch_destinations"] == 0, "nobody is waited for")
    status = run_ctl(CTL, WORLD.relay, "status")
    assert status["dispatched"] > 0 and status["handed_over"] == 0, status  # nobody has collected anything


def typing_alone_is_not_worth_a_place_there():
    WORLD.b.kill()
    WORLD.a.typing(room=WORLD.room, user=WORLD.users["a"])
    WORLD.a.all_sent(destination=WORLD.names["b"])
    assert WORLD.held() == 0
    assert WORLD.a.backoff(destination=WORLD.names["b"]) is None


def a_relay_that_is_killed_loses_and_doubles_nothing_though_the_sender_is_gone():
    for number in range(ROUNDS):
        WORLD.talk()
        if number == ROUNDS // 2:
            WORLD.relay.process.kill()
            WORLD.relay.start()
    WORLD.relay.process.kill()
    WORLD.node.process.kill()
    gone, WORLD.a = WORLD.a, None
    gone.stop()
    WORLD.b.start()
    WORLD.b.hold()
    WORLD.relay.start()
    WORLD.b.requests(contains="/send/", count=1)
    WORLD.relay.process.kill()  # while the first one is on its way
    WORLD.b.hold(closed=False)
    WORLD.relay.start()
    WORLD.arrived()


if __name__ == "__main__":
    scratch = tempfile.mkdtemp(prefix="restante-sender-")
    WORLD = World(scratch)
    try:
        status = run_cases([mail_for_a_friend_without_a_relay_waits_at_ones_own,
                            when_the_friend_is_back_it_has_the_mail_within_the_probe_interval,
                            typing_alone_is_not_worth_a_place_there,
                            a_relay_that_is_killed_loses_and_doubles_nothing_though_the_sender_is_gone])
    finally:
        WORLD.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(status)
