#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mail for an unmodified homeserver that was away gets to it under its sender's own signature, with a real relay and a real
node beside stand-in homeservers.

    couriertest.py RESTANTED RESTANTECTL

A writes to B while B is away. What A sends is caught, and left at the relay with its signature as attestation. B's node
collects it and delivers it when B is back.
"""

import json
import os
import shutil
import sys
import tempfile
from types import SimpleNamespace

from homeserver import InThread, Process
from homeserverfactsparts import ALICE, BOB, Front
from nodes import Installation, run_ctl, write_signing_key
from restanted import eventually, run_cases

from matrixwire import Identity, unpadded_base64  # nodes.py put conformance/ on the path

RESTANTED, CTL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
KEY_ID = "ed25519:a_test"
A, B = (Identity(bytes([number] * 32), name, KEY_ID) for number, name in ((1, "a.test"), (2, "b.test")))


def with_attestation(request):
    """The body of a request to /send as a relay keeps it (PROTOCOL 6.4)."""
    body = json.loads(request.body)
    fields = dict(part.split("=", 1) for part in request.all("authorization")[0].removeprefix("X-Matrix ").split(","))
    content = {"v": 1, "origin": A.name, "key": KEY_ID, "sig": fields["sig"].strip('"'),
               "txn": request.target.rsplit("/", 1)[1], "has": [name for name in ("pdus", "edus") if name in body],
               "members": {name: value for name, value in body.items() if name not in ("pdus", "edus")}}
    edus = body.get("edus", []) + [{"edu_type": "org.restante.attestation", "content": content}]
    return {**body, "edus": edus}


class Stage:
    def __init__(self, folder):
        self.front = Front()
        self.a = InThread(name=A.name, seed=A.seed.hex(), processing_ms=1)
        self.b = Process(folder, name=B.name, seed=B.seed.hex(), processing_ms=1, addresses={A.name: self.a.address})
        self.a.options(addresses={B.name: self.b.address})
        self.room = self.a.create_room(creator=ALICE)
        self.b.join(room=self.room, user=BOB, via=A.name)
        self.a.options(addresses={B.name: self.front.address})  # B's public address leads there from now on
        self.relay = Installation(RESTANTED, os.path.join(folder, "relay"), "--set", "relay.served=b.test").start()
        for server in (A, B):
            key = unpadded_base64(bytes(server.key.verify_key))
            run_ctl(CTL, self.relay, "key", "pin", server.name, KEY_ID, key)
        key_file = write_signing_key(os.path.join(folder, "b.key"), "a_test", B.seed)
        self.node = Installation(RESTANTED, os.path.join(folder, "node"), "--server-name", B.name, "--import-key",
                                 key_file, "--set", "node.enabled=true", "--set", "node.listen=127.0.0.1:0", "--set",
                                 f"node.homeserver=http://{self.b.address}").start()
        run_ctl(CTL, self.node, "relay", "add", self.relay.process.name, "--url", self.relay.process.base)
        self.left = 0

    def leave(self, requests=None):
        """Leaves at the relay what A has sent since the last time, or these."""
        relay = self.relay.process.relay()
        for request in self.front.held[self.left:] if requests is None else requests:
            body = with_attestation(request)
            target = f"/_matrix/federation/v1/send_relay/{request.target.rsplit('/', 1)[1]}/@user:b.test"
            reply = relay.request("PUT", target, json.dumps(body).encode(),
                                  {"Authorization": A.sign("PUT", target, relay.name, body)})
            assert reply.status == 200, (reply.status, reply.body)
        self.left = len(self.front.held)
        relay.close()

    def say(self, text):
        count = len(self.front.held)
        event = self.a.say(room=self.room, sender=ALICE, text=text)
        self.front.wait(count + 1)
        return event

    def edu(self, *what):
        count = len(self.front.held)
        self.a.edu(destination=B.name, edu_type=what[0], content=what[1])
        self.front.wait(count + 1)

    def message(self, text):
        count = len(self.front.held)
        message = self.a.to_device(sender=ALICE, user=BOB, device="D", content={"text": text})
        self.front.wait(count + 1)
        return message

    def collect(self, requests=None):
        self.leave(requests)
        run_ctl(CTL, self.node, "retrieve")

    def inbox(self):
        return run_ctl(CTL, self.node, "inbox", "list")["rows"]

    def figures(self):
        """Delivered, parked and waiting; told a moment later."""
        status = run_ctl(CTL, self.node, "status")
        return tuple(status[name] for name in ("delivered", "deliveries_parked", "deliveries_waiting"))

    def emptied(self):
        eventually(lambda: not self.inbox(), "the inbox is empty")

    def stop(self):
        for each in (self.node, self.relay):
            each.process.stop()
        for each in (self.b, self.a, self.front):
            each.stop()


STAGE = None


def whether_the_node_reaches_its_homeserver_is_told_as_it_is():
    tested = run_ctl(CTL, STAGE.node, "homeserver", "test")
    assert (tested["outcome"], tested["server_name"]) == ("works", B.name), tested
    assert tested["homeserver_seen_ts"] == 0, tested  # B uses no node listener
    other = run_ctl(CTL, STAGE.node, "homeserver", "test", f"http://{STAGE.a.address}", check=False)
    assert (other["outcome"], other["server_name"]) == ("other_server", A.name), other
    away = run_ctl(CTL, STAGE.node, "homeserver", "test", "http://127.0.0.1:1", check=False)
    assert away["outcome"] == "unreachable", away


def mail_of_while_a_friend_was_away_arrives_as_it_was_sent():
    STAGE.b.kill()
    events = [STAGE.say("one"), STAGE.say("two")]
    message = STAGE.message("to a device")
    events.append(STAGE.say("three"))
    STAGE.collect()
    eventually(lambda: {row["delivery"] for row in STAGE.inbox()} == {"stopped"}, "the homeserver counts as away")
    assert len(STAGE.inbox()) == 4
    STAGE.b.configured["addresses"] = {}  # and now A is away
    STAGE.b.start()
    run_ctl(CTL, STAGE.node, "inbox", "retry")
    STAGE.emptied()
    STAGE.b.settled()
    taken = STAGE.b.records()
    assert [each["id"] for each in taken if each["kind"] == "pdu"][-3:] == events, taken
    assert [each["id"] for each in taken if each["kind"] == "m.direct_to_device"] == [message], taken
    assert {each["via"] for each in taken} == {A.name}, taken
    for request in STAGE.b.requests(contains="/send/"):
        assert ["host", B.name] in [[name.lower(), value] for name, value in request["headers"]], request
    eventually(lambda: STAGE.figures() == (4, 0, 0), "four are delivered")


def what_a_homeserver_fails_over_is_parked_and_the_rest_goes_on():
    STAGE.edu("m.typing", {})  # a real homeserver fails over this one, too
    event = STAGE.say("after the poison")
    STAGE.collect()
    STAGE.b.has(event=event)
    eventually(lambda: [row["delivery"] for row in STAGE.inbox()] == ["parked"], "the poison is parked")
    assert "500" in STAGE.inbox()[0]["delivery_reason"], STAGE.inbox()
    assert len(run_ctl(CTL, STAGE.node, "inbox", "list", "--only", "set-aside")["rows"]) == 1
    assert not run_ctl(CTL, STAGE.node, "inbox", "list", "--only", "waiting")["rows"]
    run_ctl(CTL, STAGE.node, "inbox", "discard", "--all")
    eventually(lambda: STAGE.figures()[1:] == (0, 0), "nothing is parked")


def a_node_that_is_killed_while_it_delivers_loses_and_doubles_nothing():
    count = len(STAGE.b.requests(contains="/send/"))
    STAGE.b.hold()
    message = STAGE.message("just once")
    event = STAGE.say("and this")
    STAGE.collect()
    STAGE.b.requests(contains="/send/", count=count + 1)
    STAGE.node.process.process.kill()
    STAGE.node.process.process.wait()
    STAGE.b.hold(closed=False)
    STAGE.node.start()
    STAGE.b.has(event=event)
    STAGE.emptied()
    STAGE.b.settled()
    taken = [each["id"] for each in STAGE.b.records()]
    assert taken.count(message) == 1 and taken.count(event) == 1, taken


def a_gap_is_filled_from_what_was_delivered_though_its_sender_is_away():
    with open(os.path.join(STAGE.node.folder, "node.secret"), encoding="ascii") as file:
        secret = file.read().strip()
    STAGE.b.options(hook=STAGE.node.process.ready["node"].removeprefix("http://"), hook_secret=secret)
    events = [STAGE.say("first"), STAGE.say("second"), STAGE.say("third")]
    first, second, third = STAGE.front.held[-3:]
    dropped = len(STAGE.b.records(kind="dropped"))
    STAGE.collect([second])  # what comes before it is nowhere
    STAGE.b.records(kind="dropped", count=dropped + 1)
    STAGE.collect([first])
    STAGE.b.has(event=events[0])
    STAGE.collect([third])  # and the homeserver remembers that it has answered the second
    STAGE.b.has(event=events[2])
    STAGE.b.settled()
    assert STAGE.b.timeline(room=STAGE.room)[-3:] == events
    assert len(STAGE.b.records(kind="dropped")) == dropped + 1
    assert STAGE.b.backoff(destination=A.name) is None
    STAGE.emptied()


def mail_that_comes_without_its_senders_signature_waits():
    event = STAGE.say("without")
    target = "/_matrix/federation/v1/send_relay/without/@user:b.test"
    body = json.loads(STAGE.front.held[-1].body)
    relay = STAGE.relay.process.relay()
    reply = relay.request("PUT", target, json.dumps(body).encode(),
                          {"Authorization": A.sign("PUT", target, relay.name, body)})
    relay.close()
    assert reply.status == 200
    run_ctl(CTL, STAGE.node, "retrieve")
    eventually(lambda: [row["delivery"] for row in STAGE.inbox()] == ["no-proof"], "it waits for a proof")
    assert "no proof of its sender" in STAGE.inbox()[0]["delivery_reason"]
    assert event not in STAGE.b.timeline(room=STAGE.room)
    STAGE.collect()  # the same with its sender's signature
    STAGE.b.has(event=event)
    STAGE.emptied()


def events_of_a_banned_server_pass_only_if_the_owner_allows_that():
    STAGE.b.ban(room=STAGE.room, sender=BOB, servers=[A.name])
    event = STAGE.say("without a signature over the whole")
    body = json.loads(STAGE.front.held[-1].body)
    body["edus"] = [{"edu_type": "m.direct_to_device", "content": {
        "message_id": "with the event", "messages": {BOB: {"D": {}}}, "sender": ALICE, "type": "m.test"}}]
    relay = STAGE.relay.process.relay()

    def leave(txn_id, left):
        target = f"/_matrix/federation/v1/send_relay/{txn_id}/@user:b.test"
        reply = relay.request("PUT", target, json.dumps(left).encode(),
                              {"Authorization": A.sign("PUT", target, relay.name, left)})
        assert reply.status == 200, (reply.status, reply.body)
        run_ctl(CTL, STAGE.node, "retrieve")

    leave("bare", body)
    eventually(lambda: [row["delivery"] for row in STAGE.inbox()] == ["no-proof"], "nothing passes unasked")
    allowed = f"{STAGE.relay.process.name} {A.name}"
    run_ctl(CTL, STAGE.node, "settings", "set", "node.unproven", allowed)
    STAGE.b.has(event=event)
    eventually(lambda: [row["delivery"] for row in STAGE.inbox()] == ["events-only"], "its events are delivered")
    record = STAGE.b.records()[-1]
    assert (record["kind"], record["id"]) == ("pdu", event) and record["via"] != A.name, record
    target = "/_matrix/federation/v1/send/whole"
    signed = SimpleNamespace(body=json.dumps(body), target=target,
                             all=lambda _: [A.sign("PUT", target, B.name, body)])
    leave("whole", with_attestation(signed))
    STAGE.emptied()
    record = STAGE.b.records()[-1]
    assert (record["kind"], record["id"], record["via"]) == ("m.direct_to_device", "with the event", A.name), record
    relay.close()


if __name__ == "__main__":
    scratch = tempfile.mkdtemp(prefix="restante-courier-")
    STAGE = Stage(scratch)
    try:
        status = run_cases([whether_the_node_reaches_its_homeserver_is_told_as_it_is,
                            mail_of_while_a_friend_was_away_arrives_as_it_was_sent,
                            what_a_homeserver_fails_over_is_parked_and_the_rest_goes_on,
                            a_node_that_is_killed_while_it_delivers_loses_and_doubles_nothing,
                            a_gap_is_filled_from_what_was_delivered_though_its_sender_is_away,
                            mail_that_comes_without_its_senders_signature_waits,
                            events_of_a_banned_server_pass_only_if_the_owner_allows_that])
    finally:
        STAGE.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    sys.exit(status)
