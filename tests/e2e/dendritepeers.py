#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Peers that behave as Dendrite's do, with real processes over loopback.

    dendritepeers.py RESTANTED RESTANTECTL

A relay that is played here answers what Dendrite's relay answers: `null` to send_relay, one entry a request, 500 with
`null` for an entry that it cannot read. Two nodes use it beside a relay of ours. And a client polls our relay as
Dendrite's retriever does: the same requests over several connections at once.
"""

import base64
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import nacl.exceptions
import nacl.signing

from nodes import Installation, Outbound, run_ctl, write_signing_key
from restanted import WAIT_SECONDS, Restanted, eventually, run_cases

from matrixwire import Identity, Relay, canonical_json, edu, fresh_label, pdu  # nodes.py put conformance/ on the path

RESTANTED, CTL = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
EMPTY = {"transaction": {"origin": "", "origin_server_ts": 0, "pdus": None}, "entries_queued": False}


def go_json(value):
    """As Go prints it: no spaces, some characters escaped that need not be."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode()


def signer_of(authorization, method, uri, destination, content):
    """The origin of a request whose signature is good; nothing otherwise. Its name is its key."""
    fields = dict(part.split("=", 1) for part in authorization.removeprefix("X-Matrix ").split(","))
    fields = {name.strip(): value.strip('"') for name, value in fields.items()}
    signed = {"method": method, "uri": uri, "origin": fields["origin"], "destination": destination}
    if content is not None:
        signed["content"] = content
    signature = base64.b64decode(fields["sig"] + "==")
    try:
        nacl.signing.VerifyKey(bytes.fromhex(fields["origin"])).verify(canonical_json(signed), signature)
    except nacl.exceptions.BadSignatureError:
        return None
    return fields["origin"] if fields.get("destination", destination) == destination else None


class DendriteRelay:
    """What Dendrite's relay does with requests (PROTOCOL 5): keeps everything it is given, as often as it is given."""

    def __init__(self):
        self.identity = Identity.p2p("dendrite-relay-" + fresh_label())
        self.lock = threading.Condition()
        self.last_id = 0
        self.queues = {}  # of destinations: entries with "id" and "transaction"
        self.stuck = set()  # ids whose transaction cannot be read any more
        self.polls = []  # of relay_txn: the entry_id of each, in order
        self.given = []  # ids as they were handed out
        self.refused = []  # what no Dendrite would have taken
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def respond(self, method):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = relay.answer(method, self.path, self.headers.get("Authorization", ""), body)
                text = answer if isinstance(answer, bytes) else go_json(answer)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def do_GET(self):
                self.respond("GET")

            def do_PUT(self):
                self.respond("PUT")

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], ConnectionError):  # of a process that is killed
                    super().handle_error(request, client_address)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method, path, authorization, body):
        try:
            content = json.loads(body)
        except ValueError:
            return 500, {"errcode": "M_BAD_JSON", "error": "invalid json provided"}
        origin = signer_of(authorization, method, path, self.identity.name, content)
        parts = path.removeprefix("/_matrix/federation/v1/").split("/")
        user = urllib.parse.unquote(parts[-1])
        with self.lock:
            if origin is None or not user.startswith("@user:"):
                self.refused.append((method, path, authorization))
                return 401, {"errcode": "M_UNAUTHORIZED", "error": ""}
            queue = self.queues.setdefault(user.split(":", 1)[1], [])
            if method == "PUT" and parts[0] == "send_relay" and len(parts) == 3:
                return self.take(queue, origin, content)
            if method == "GET" and parts[0] == "relay_txn" and len(parts) == 2:
                return self.next(queue, content)
            self.refused.append((method, path, authorization))
            return 404, {"errcode": "M_UNRECOGNIZED", "error": ""}

    def take(self, queue, origin, content):
        kept = {"origin": origin, "origin_server_ts": 0, "pdus": content.get("pdus")}
        edus = [{"edu_type": each["edu_type"], "origin": each.get("origin", ""), "content": each["content"]}
                for each in content.get("edus", [])]
        if edus:
            kept["edus"] = edus
        self.last_id += 1
        queue.append({"id": self.last_id, "transaction": kept})
        self.lock.notify_all()
        return 200, None

    def next(self, queue, content):
        acknowledged = content.get("entry_id", 0)
        self.polls.append(acknowledged)
        queue[:] = [entry for entry in queue if entry["id"] != acknowledged]
        if not queue:
            return 200, EMPTY
        head = queue[0]
        if head["id"] in self.stuck:
            return 500, None
        self.given.append(head["id"])
        if "raw" in head:
            return 200, b'{"transaction":%s,"entry_id":%d,"entries_queued":true}' % (head["raw"], head["id"])
        return 200, {"transaction": head["transaction"], "entry_id": head["id"], "entries_queued": True}

    def held(self, destination):
        with self.lock:
            return [entry["transaction"] for entry in self.queues.get(destination, [])]

    def wait_taken(self, count):
        """Until that number of transactions came in all."""
        with self.lock:
            assert self.lock.wait_for(lambda: self.last_id >= count, WAIT_SECONDS), (self.last_id, count)

    def leave_raw(self, destination, transaction):
        """What Go hands on byte for byte: it looks into no event."""
        with self.lock:
            self.last_id += 1
            self.queues.setdefault(destination, []).append({"id": self.last_id, "raw": transaction})

    def leave(self, sender, destination, content, txn_id):
        """Somebody's own node leaves a transaction here."""
        reply = Relay(self.base, self.identity.name).send_relay(sender, txn_id, f"@user:{destination}", content)
        assert reply.status == 200 and reply.body == b"null", (reply.status, reply.body)


def letter(number):
    """Transactions of the shapes that homeservers send, all different."""
    content = {"origin_server_ts": 1_700_000_000_000 + number}
    shape = number % 4
    if shape != 3:
        content["pdus"] = [pdu(number * 10 + each, f"<b>&amp; \u2028{number}</b>") for each in range(shape + 1)]
    if shape in (1, 3):  # without pdus at all if it is 3
        content["edus"] = [{"edu_type": "m.direct_to_device", "content": {"message_id": f"m{number}", "type": "m.x"}}]
    if shape == 2:
        content["edus"] = [edu(number)]
    return content


def essence(pdus, edus):
    """What must arrive, whichever relay it went through."""
    kept = [{"edu_type": each["edu_type"], "content": each["content"]} for each in edus or []
            if each["edu_type"] != "org.restante.attestation"]
    return canonical_json([pdus or [], kept])


class Nodes:
    """A leaves mail for B at both relays, B collects from both."""

    def __init__(self, folder):
        self.folder = folder
        self.dendrite = DendriteRelay()
        seed = os.urandom(32)
        self.a_identity = Identity(seed)
        key = write_signing_key(os.path.join(folder, "a.signing.key"), "dendrite-demo-yggdrasil", seed)
        node = ["--set", "node.enabled=true", "--set", "node.listen=127.0.0.1:0", "--set", "queue.disk_floor_bytes=0"]
        self.ours = Installation(RESTANTED, os.path.join(folder, "relay"), "--set", "relay.open=true", "--set",
                                 "queue.disk_floor_bytes=0").start()
        self.a = Installation(RESTANTED, os.path.join(folder, "a"), "--import-key", key, "--server-name",
                              self.a_identity.name, *node).start()
        self.b = Installation(RESTANTED, os.path.join(folder, "b"), *node).start()
        self.b_name = self.b.process.name
        self.outbound = Outbound(self.a, self.a_identity, self.b_name)
        self.sent = []
        for name, base in self.relays():
            self.ctl(self.a, "relay", "add", name, "--url", base, "--for", self.b_name)

    def relays(self):
        return ((self.dendrite.identity.name, self.dendrite.base),
                (self.ours.process.name, self.ours.process.base))

    def ctl(self, node, *arguments, check=True):
        return run_ctl(CTL, node, *arguments, check=check)

    def send(self, count):
        """A's homeserver sends; it keeps what is refused and tries again. Returns when both relays have it all: the
        homeserver is answered when the first one has."""
        refused = 0
        before = self.dendrite.last_id
        for number in range(len(self.sent), len(self.sent) + count):
            body = letter(number)
            while (answer := self.outbound.put(f"t{number}", body)) != (200, b'{"pdus":{}}'):
                assert answer[0] == 502, answer
                refused += 1
                assert refused < 5, "B does not count as offline"
            self.sent.append(essence(body.get("pdus"), body.get("edus")))
        self.dendrite.wait_taken(before + count)
        eventually(lambda: self.ctl(self.ours, "status")["accepted"] == len(self.sent), "our relay has it all")
        return refused

    def retrieve(self):
        """One sweep of B; what each relay gave, by its name."""
        sweep = self.ctl(self.b, "retrieve", check=False)
        assert not sweep["running"], sweep
        return {row["relay"]: row for row in sweep["relays"]}

    def status(self):
        """B's own relays by name."""
        return {row["relay"]: row for row in self.ctl(self.b, "relay", "list")["relays"]}

    def inbox(self):
        file = os.path.join(self.folder, "inbox.jsonl")
        self.ctl(self.b, "inbox", "export", file)
        with open(file, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def stop(self):
        for installation in (self.a, self.b, self.ours):
            if installation.process.process.poll() is None:
                installation.process.kill()
        self.dendrite.stop()


def with_nodes(case):
    def run():
        folder = tempfile.mkdtemp(prefix="restante-dendrite-")
        nodes = Nodes(folder)
        try:
            case(nodes)
        finally:
            nodes.stop()
            shutil.rmtree(folder, ignore_errors=True)

    run.__name__ = case.__name__
    return run


@with_nodes
def a_node_sends_and_collects_through_a_dendrite_relay(nodes):
    dendrite = nodes.dendrite
    assert nodes.send(40) == 1, "B counts as offline at the second failure"
    held = dendrite.held(nodes.b_name)
    arrived = [essence(each["pdus"], each.get("edus")) for each in held]
    assert sorted(arrived) == sorted(nodes.sent)
    assert all(each["origin"] == nodes.a_identity.name for each in held)
    assert nodes.ctl(nodes.ours, "status")["held_entries"] == 40
    (destination,) = nodes.ctl(nodes.a, "outbox")["destinations"]
    assert destination["state"] == "offline" and destination["sent_by_relay"] == 40, destination

    # Only Dendrite's relay first: nothing may be lost if it is the only one.
    nodes.ctl(nodes.b, "relay", "add", dendrite.identity.name, "--url", dendrite.base)
    nodes.retrieve()
    inbox = nodes.inbox()
    assert [essence(entry["pdus"], entry["edus"]) for entry in inbox] == arrived, "in its order"
    assert all(entry["origin"] == nodes.a_identity.name for entry in inbox)
    ids = list(range(1, 41))
    assert dendrite.given == ids, "each is handed out once"
    assert [poll for poll in dendrite.polls if poll != 0] == ids, "each is acknowledged once"
    assert not dendrite.held(nodes.b_name)

    # Ours holds the same; it brings nothing twice.
    nodes.ctl(nodes.b, "relay", "add", nodes.ours.process.name, "--url", nodes.ours.process.base)
    nodes.retrieve()
    assert nodes.ctl(nodes.ours, "status")["held_entries"] == 0
    assert len(nodes.inbox()) == 40
    assert not dendrite.refused, dendrite.refused
    states = {relay: row["state"] for relay, row in nodes.status().items()}
    assert states == {dendrite.identity.name: "cannot_say", nodes.ours.process.name: "good"}, states


@with_nodes
def what_a_stranger_left_does_not_block_the_queue(nodes):
    dendrite = nodes.dendrite
    friend = Identity.p2p("friend-" + fresh_label())
    odd = [b'[{"type":"m.x","type":"m.y"},{"type":"m.good"}]', b'[{"type":"\\ud800"}]', b'[{"type":"\xff"}]',
           b"[" * 9000 + b"]" * 9000]
    for number, pdus in enumerate(odd):
        dendrite.leave_raw(nodes.b_name, b'{"origin":"stranger.example","origin_server_ts":0,"pdus":%s}' % pdus)
        dendrite.leave(friend, nodes.b_name, letter(number), f"f{number}")
    dendrite.leave_raw(nodes.b_name, b'{"origin":"","origin_server_ts":0,"pdus":[{"type":"m.x"}]}')
    dendrite.leave(friend, nodes.b_name, letter(len(odd)), "last")
    name = dendrite.identity.name
    nodes.ctl(nodes.b, "relay", "add", name, "--url", dendrite.base)
    sweep = nodes.retrieve()
    assert sweep[name]["error"] is None, sweep
    assert dendrite.given == list(range(1, dendrite.last_id + 1)), "each is handed out once"
    assert not dendrite.queues[nodes.b_name], "all are acknowledged"

    inbox = nodes.inbox()
    kept = [entry["pdus"] for entry in inbox if entry["origin"] == "stranger.example"]
    assert kept == [[{"type": "m.good"}], [], [], []], "the good events of them"
    assert sum(entry["origin"] == friend.name for entry in inbox) == len(odd) + 1
    assert len(inbox) == 2 * len(odd) + 1
    assert nodes.status()[name]["state"] == "cannot_say", nodes.status()


@with_nodes
def a_stuck_head_ends_the_sweep_and_hinders_no_other_relay(nodes):
    dendrite = nodes.dendrite
    name, ours = dendrite.identity.name, nodes.ours.process.name
    for relay, base in nodes.relays():
        nodes.ctl(nodes.b, "relay", "add", relay, "--url", base)
    nodes.retrieve()
    nodes.send(5)  # to both
    stranger = Identity.p2p("stranger-" + fresh_label())
    for number in range(100, 103):
        dendrite.leave(stranger, nodes.b_name, letter(number), f"s{number}")
    last = dendrite.last_id
    dendrite.stuck = {last - 1}

    before = len(dendrite.polls)
    sweep = nodes.retrieve()
    assert dendrite.polls[before:] == [0, *range(last - 7, last - 1)], "it ends at the first 500"
    assert "500" in sweep[name]["error"]["detail"], sweep
    assert sweep[name]["state"] == "failed" and sweep[name]["collected"] == 6, sweep
    assert sweep[ours]["error"] is None and sweep[ours]["collected"] == 5, sweep
    assert len(nodes.inbox()) == 6
    assert nodes.ctl(nodes.ours, "status")["held_entries"] == 0

    # Each failed try doubles the pause; only an explicit retrieval asks earlier.
    for failures, pause in ((1, 30_000), (2, 60_000), (3, 120_000)):
        if failures > 1:
            before = len(dendrite.polls)
            nodes.send(1)
            sweep = nodes.retrieve()
            assert dendrite.polls[before:] == [0], "one request a sweep"
            assert sweep[name]["collected"] == 0 and sweep[ours]["collected"] == 1, sweep
        row = nodes.status()[name]
        assert row["state"] == "failing" and "500" in row["error"]["detail"], row
        assert pause <= row["next_try_ts"] - row["last_try_ts"] < pause + 10_000, row
        assert nodes.status()[ours]["state"] == "good"
        status = nodes.ctl(nodes.b, "status")
        assert (status["my_relays"], status["failing_relays"]) == (2, 1), status

    # Somebody repairs it: what waited behind comes, and nothing comes twice.
    dendrite.stuck = set()
    sweep = nodes.retrieve()
    assert sweep[name]["error"] is None and sweep[name]["fresh"] == 2, sweep
    assert nodes.status()[name]["state"] == "cannot_say"
    inbox = [essence(entry["pdus"], entry["edus"]) for entry in nodes.inbox()]
    strangers = [essence(each.get("pdus"), each.get("edus")) for each in map(letter, range(100, 103))]
    assert sorted(inbox) == sorted(nodes.sent + strangers)
    assert dendrite.given == sorted(set(dendrite.given)), "each is handed out once"
    assert not dendrite.refused, dendrite.refused


def with_relay(case):
    def run():
        folder = tempfile.mkdtemp(prefix="restante-dendrite-")
        process = Restanted(RESTANTED, folder, "--set", "queue.disk_floor_bytes=0").wait_ready()
        try:
            case(process)
            assert process.stop() == 0
        finally:
            if process.process.poll() is None:
                process.kill()
            shutil.rmtree(folder, ignore_errors=True)

    run.__name__ = case.__name__
    return run


POLLERS = 8


def poll(relay, owner, acknowledged):
    reply = relay.relay_txn(owner, owner.user, {"entry_id": acknowledged})
    assert reply.status == 200, (reply.status, reply.body[:200])
    return reply.json


@with_relay
def the_same_request_over_many_connections_gets_the_same_answer(process):
    """Retrievers side by side in step: every entry is the answer to all of them, once."""
    label = fresh_label()
    sender, owner = Identity.p2p("sender-" + label), Identity.p2p("owner-" + label)
    letters = [letter(number) for number in range(60)]
    relay = process.relay()
    for number, content in enumerate(letters):
        assert relay.send_relay(sender, f"t{number}", owner.user, content).status == 200
    relays = [process.relay() for _ in range(POLLERS)]
    collected, acknowledged = [], 0
    with ThreadPoolExecutor(POLLERS) as pool:
        while True:
            barrier = threading.Barrier(POLLERS)

            def together(each, acknowledged=acknowledged, barrier=barrier):
                barrier.wait(WAIT_SECONDS)
                return poll(each, owner, acknowledged)

            answers = list(pool.map(together, relays))
            assert all(answer == answers[0] for answer in answers), [answer.get("entry_id") for answer in answers]
            if not answers[0]["entries_queued"]:
                break
            collected.append(answers[0])
            assert answers[0]["entry_id"] > acknowledged
            acknowledged = answers[0]["entry_id"]
            assert len(collected) <= len(letters), "something came twice"
    got = [essence(each["transaction"]["pdus"], each["transaction"].get("edus")) for each in collected]
    assert got == [essence(each.get("pdus"), each.get("edus")) for each in letters]


@with_relay
def retrievers_that_overtake_each_other_lose_nothing(process):
    """The same loop several times over, each at its own pace, while more mail comes: whatever one of them acknowledges
    is gone for all, and what is gone was handed out before."""
    label = fresh_label()
    sender, owner = Identity.p2p("sender-" + label), Identity.p2p("owner-" + label)
    letters = [letter(number) for number in range(200)]
    all_left = threading.Event()

    def leave():
        relay = process.relay()
        try:
            for number, content in enumerate(letters):
                reply = relay.send_relay(sender, f"t{number}", owner.user, content)
                assert reply.status == 200, (reply.status, reply.body)
        finally:
            all_left.set()

    def retrieve(_):
        relay, seen, acknowledged = process.relay(), [], 0
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            last = all_left.is_set()
            answer = poll(relay, owner, acknowledged)
            assert time.monotonic() < deadline, "the queue does not end"
            if answer["entries_queued"]:
                transaction = answer["transaction"]
                acknowledged = answer["entry_id"]
                seen.append((acknowledged, essence(transaction["pdus"], transaction.get("edus"))))
            elif last:
                return seen

    with ThreadPoolExecutor(POLLERS + 1) as pool:
        leaving = pool.submit(leave)
        seen = list(pool.map(retrieve, range(POLLERS)))
        leaving.result()
    for each in seen:
        ids = [entry_id for entry_id, _ in each]
        assert ids == sorted(set(ids)), "a loop sees its entries in order, and none again that it acknowledged"
    by_id = {}
    for entry_id, content in (entry for each in seen for entry in each):
        assert by_id.setdefault(entry_id, content) == content
    assert [by_id[entry_id] for entry_id in sorted(by_id)] == [
        essence(each.get("pdus"), each.get("edus")) for each in letters]


sys.exit(run_cases([
    a_node_sends_and_collects_through_a_dendrite_relay,
    what_a_stranger_left_does_not_block_the_queue,
    a_stuck_head_ends_the_sweep_and_hinders_no_other_relay,
    the_same_request_over_many_connections_gets_the_same_answer,
    retrievers_that_overtake_each_other_lose_nothing,
]))
