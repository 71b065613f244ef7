#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A relay is the front door of an ordinary homeserver, with real processes over loopback (core/README 3.5).

    frontdoor.py RESTANTED RESTANTECTL

Homeservers A, C and D write to B, whose address leads to the relay. B is away, comes back, and goes without a word. Its
node is played here: collects, rebuilds each request from its attestation, and says when B is at home.
"""

import http.client
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

from homeserver import InThread, Process
from nodes import Installation, run_ctl
from restanted import run_cases

from matrixwire import Identity, canonical_json, fresh_label  # nodes.py put conformance/ on the path

RESTANTED, CTL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SEED = bytes(range(32))
DOOR = "/_matrix/federation/unstable/org.restante/door"
USERS = {name: f"@user:{name}" for name in ("a.test", "b.test", "c.test", "d.test")}
AWAY = [("keys_claim", [USERS["b.test"], "D"]), ("keys_query", [USERS["b.test"]]), ("user_devices", [USERS["b.test"]]),
        ("profile_refresh", [USERS["b.test"]]), ("media", ["abc"]), ("make_join", ["!r:b.test", USERS["a.test"]]),
        ("event", ["$e"]), ("state_ids", ["!r:b.test", "$e"]), ("backfill", ["!r:b.test", "$e"]),
        ("get_missing_events", ["!r:b.test", {"latest_events": [], "earliest_events": []}])]


def rebuilt(transaction, destination):
    """Target, headers and body of the request that the sender made, from what a relay hands out (PROTOCOL 6.4)."""
    *edus, attestation = transaction["edus"]
    assert attestation["edu_type"] == "org.restante.attestation"
    content = attestation["content"]
    if "last" in content:
        edus.append(content["last"])
    made, extra = [], content.get("edu_extra", {})
    for number, edu in enumerate(edus):
        each = {"edu_type": edu["edu_type"], "content": edu.get("content"), **extra.get(str(number), {})}
        if number in content.get("edu_nocontent", []):
            del each["content"]
        made.append(each)
    arrays = {"pdus": transaction["pdus"], "edus": made}
    body = canonical_json({**content["members"], **{name: arrays[name] for name in content["has"]}})
    authorization = (f'X-Matrix origin="{content["origin"]}",key="{content["key"]}",sig="{content["sig"]}",'
                     f'destination="{destination}"')
    headers = {"Host": destination, "Content-Type": "application/json", "Authorization": authorization}
    return f"/_matrix/federation/v1/send/{content['txn']}", headers, body


def stamped(**members):
    return {**members, "ts": int(time.time() * 1000), "nonce": fresh_label()}


class World:
    """The relay, B behind it, and three homeservers that know nothing of it."""

    def __init__(self, folder):
        certificate, key = (os.path.join(folder, name) for name in ("cert.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                        key, "-out", certificate], check=True, capture_output=True)
        network = ["--set", "federation.allowed_networks=127.0.0.0/8", "--set", f"federation.ca_file={certificate}"]
        self.relay = Installation(RESTANTED, os.path.join(folder, "relay"), *network)
        self.relay.start().fix_port()
        self.b = Process(folder, name="b.test", seed=SEED.hex(), processing_ms=1, tls_certificate=certificate,
                         tls_key=key)
        self.others = {name: InThread(name=name, processing_ms=1) for name in ("a.test", "c.test", "d.test")}
        self.owner = Identity(SEED, "b.test", "ed25519:a_test")
        addresses = {name: each.address for name, each in self.others.items()} | {"b.test": f"https://{self.b.address}"}
        for each in self.all():
            each.options(addresses=addresses)
        a = self.others["a.test"]
        self.room = a.create_room(creator=USERS["a.test"])
        there = [a]
        for name in ("b.test", "c.test", "d.test"):
            there.append(self.server(name))
            joined = there[-1].join(room=self.room, user=USERS[name], via="a.test")
            for each in there:
                each.has(event=joined)
        run_ctl(CTL, self.relay, "serve", "add", "b.test", "--front", "door.test:8443")
        for each in self.all():
            document = each.key_document()
            for key_id, key in document["verify_keys"].items():
                run_ctl(CTL, self.relay, "key", "pin", document["server_name"], key_id, key["key"])
        for each in self.others.values():  # from now on B's address leads to the relay
            each.all_sent(destination="b.test")
            each.options(addresses=addresses | {"b.test": self.relay.process.base.removeprefix("http://")})
        self.before = len(self.b.records(kind="pdu"))
        self.messages, self.to_device = [], []

    def all(self):
        return [*self.others.values(), self.b]

    def server(self, name):
        return self.b if name == "b.test" else self.others[name]

    def talk(self, rounds):
        """Each says something in turn, when it has heard the others, and sends something to one of B's devices."""
        for number in range(rounds):
            for name, each in self.others.items():
                said = each.say(room=self.room, sender=USERS[name], text=f"{number} <&> \u2028 \u00e9")
                self.to_device.append(each.to_device(sender=USERS[name], user=USERS["b.test"], device="D", content={}))
                each.typing(room=self.room, user=USERS[name])
                self.messages.append(said)
                each.all_sent(destination="b.test")
                for other in self.others.values():
                    other.has(event=said)
        self.nobody_backs_off()

    def nobody_backs_off(self):
        for each in self.others.values():
            assert each.backoff(destination="b.test") is None
            assert {attempt["status"] for attempt in each.attempts(destination="b.test")} <= {200}

    def restart_relay(self):
        self.relay.process.kill()
        self.relay.start()

    def collect_into_b(self):
        """What the node and its courier do. Returns how many transactions came."""
        relay, entries = self.relay.process.relay(), []
        while True:
            content = stamped(entry_id=entries[-1]["entry_id"] if entries else 0)
            reply = relay.relay_txn(self.owner, self.owner.user, content)
            assert reply.status == 200, f"{reply.status} {reply.body!r}"
            if not reply.json["entries_queued"]:
                break
            entries.append(reply.json)
        for entry in entries:
            target, headers, body = rebuilt(entry["transaction"], "b.test")
            connection = http.client.HTTPSConnection("127.0.0.1", self.b.port, timeout=30,
                                                     context=ssl._create_unverified_context())
            connection.request("PUT", target, body, headers)
            response = connection.getresponse()
            answer = response.read()
            connection.close()
            assert response.status == 200, f"B answered {response.status} {answer!r} to {target} of {headers}"
        return len(entries)

    def door(self, **members):
        body = stamped(**members)
        relay = self.relay.process.relay()
        reply = relay.request("PUT", DOOR, canonical_json(body),
                              {"Authorization": self.owner.sign("PUT", DOOR, relay.name, body)})
        assert reply.status == 200, f"{reply.status} {reply.body!r}"
        return reply.json

    def come_home(self):
        return self.door(document=self.b.key_document(), upstream=self.b.address, lease_ms=60_000)

    def b_has_everything_once(self):
        self.b.settled()
        pdus = [each["id"] for each in self.b.records(kind="pdu")][self.before:]
        assert pdus == self.messages, f"{len(pdus)} of {len(self.messages)} messages: {pdus}"
        found = [each["id"] for each in self.b.records(kind="m.direct_to_device")]
        assert found == self.to_device, f"{len(found)} of {len(self.to_device)} to-device messages"
        assert not self.b.records(kind="dropped") and not self.b.records(kind="failure")

    def raw(self, head):
        """What the relay answers to a request with this head, which ends the connection."""
        host, _, port = self.relay.process.base.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(f"{head}\r\nConnection: close\r\n\r\n".encode())
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    def ask(self, name, arguments):
        return self.others["a.test"].request(destination="b.test", name=name, arguments=arguments)

    def stop(self):
        for each in self.all():
            each.stop()
        self.relay.process.stop()


def mail_is_held_over_kills_and_everything_else_is_404():
    WORLD.b.kill()
    WORLD.talk(2)
    WORLD.restart_relay()
    WORLD.talk(1)
    for name, arguments in AWAY:
        answer = WORLD.ask(name, arguments)
        assert (answer["status"], "M_NOT_FOUND" in answer["body"]) == (404, True), f"{name}: {answer}"
    event = {"content": {"membership": "invite"}, "room_id": WORLD.room, "sender": USERS["a.test"],
             "state_key": USERS["b.test"], "type": "m.room.member"}
    assert WORLD.ask("invite", [WORLD.room, "$e", {"event": event, "room_version": "10"}])["status"] == 404
    [invite] = run_ctl(CTL, WORLD.relay, "invites")["invites"]
    assert (invite["sender"], invite["invited"], invite["room"]) == (USERS["a.test"], USERS["b.test"], WORLD.room)
    WORLD.restart_relay()
    WORLD.talk(1)
    assert WORLD.ask("key_document", [])["status"] == 404, "B has brought no document yet"


def odd_requests_are_refused_or_404():
    event = "/_matrix/federation/v1/event/x"
    for head, status, word in [
            (f"GET {event} HTTP/1.1\r\nHost: b.test", 404, "M_NOT_FOUND"),
            (f"GET {event} HTTP/1.1\r\nHost: B.Test", 404, "M_NOT_FOUND"),
            (f"GET http://b.test{event} HTTP/1.1\r\nHost: relay.test", 404, "M_NOT_FOUND"),
            (f"GET http://relay.test{event} HTTP/1.1\r\nHost: b.test", 404, "M_UNRECOGNIZED"),
            (f"GET {event} HTTP/1.1\r\nHost: b.test\r\nHost: b.test", 400, ""),
            (f"GET {event} HTTP/1.1\r\nHost: b.test\rX-A: b", 400, ""),
            (f"GET {event} HTTP/1.1\r\nHost: b.test\nX-A: b", 400, ""),
            (f"GET {event} HTTP/1.1\r\nHost: b.test/x", 400, ""),
            (f"GET {event} HTTP/1.1\r\nHost: user@b.test", 400, ""),
            (f"GET {event} HTTP/1.1\r\nHost: b.test:99999", 404, "M_UNRECOGNIZED"),
            (f"GET {event} HTTP/1.1\r\nHost: {'b' * 300}.test", 404, "M_UNRECOGNIZED"),
            ("GET /_matrix/federation/v1/%2e%2e/event HTTP/1.1\r\nHost: b.test", 400, ""),
            ("GET /_matrix/federation/v1/event/a%2f..%2fb HTTP/1.1\r\nHost: b.test", 400, "M_INVALID_PARAM"),
            ("GET /_matrix//federation/v1/event/x HTTP/1.1\r\nHost: b.test", 404, "M_UNRECOGNIZED"),
            ("PUT /_matrix/federation/v1/send/.. HTTP/1.1\r\nHost: b.test", 400, "M_INVALID_PARAM"),
            ("CONNECT b.test:443 HTTP/1.1\r\nHost: b.test", 501, "")]:
        answer = WORLD.raw(head)
        assert answer.startswith(f"HTTP/1.1 {status} ") and word in answer, f"{head!r}: {answer!r}"


def what_was_held_is_accepted_as_its_senders_signed_it():
    WORLD.b.start()
    assert WORLD.come_home() == {"held": True, "passes": False}
    count = WORLD.collect_into_b()
    assert count >= 12, count
    WORLD.b_has_everything_once()


def while_b_is_at_home_everything_is_passed_on():
    assert WORLD.come_home() == {"held": False, "passes": True}
    WORLD.talk(1)
    WORLD.b_has_everything_once()
    assert WORLD.collect_into_b() == 0
    WORLD.b.user(user=USERS["b.test"], devices=["D"], displayname="Bob")
    profile = WORLD.ask("profile", [USERS["b.test"]])
    assert (profile["status"], "Bob" in profile["body"]) == (200, True), profile
    assert WORLD.ask("keys_claim", [USERS["b.test"], "D"])["status"] == 200
    [came] = WORLD.b.requests(contains="query/profile", count=1)
    assert [value for name, value in came["headers"] if name.lower() == "x-forwarded-for"] == ["127.0.0.1"]


def a_server_that_goes_without_a_word_has_its_mail_held_again():
    WORLD.b.kill()
    for name, arguments in AWAY:
        assert WORLD.ask(name, arguments)["status"] == 404, name
    WORLD.talk(1)
    WORLD.b.start()
    assert WORLD.come_home() == {"held": True, "passes": False}
    WORLD.talk(1)
    assert WORLD.collect_into_b() > 0
    assert WORLD.come_home() == {"held": False, "passes": True}
    WORLD.talk(1)
    WORLD.b_has_everything_once()


def the_key_document_is_answered_at_the_door():
    answer = WORLD.ask("key_document", [])
    assert answer["status"] == 200
    assert canonical_json(WORLD.b.key_document()).decode() == answer["body"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="restante-door-") as scratch:
        WORLD = World(scratch)
        try:
            status = run_cases([
                mail_is_held_over_kills_and_everything_else_is_404,
                odd_requests_are_refused_or_404,
                what_was_held_is_accepted_as_its_senders_signed_it,
                while_b_is_at_home_everything_is_passed_on,
                the_key_document_is_answered_at_the_door,
                a_server_that_goes_without_a_word_has_its_mail_held_again,
            ])
        finally:
            WORLD.stop()
    sys.exit(status)
