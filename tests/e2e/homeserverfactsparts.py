# SPDX-License-Identifier: GPL-3.0-or-later
"""What the checks of the stand-in homeserver share: a front that holds requests, a raw client, servers in a room."""

import asyncio
import contextlib
import http.client
import json
import os
import threading

from homeserver import InThread
from homeserverhttp import Dropped, LoopThread, Response, Server
from homeserverkeys import DAY_MS, Clock, SigningKey, canonical_json

HOUR_MS = DAY_MS // 24
BACKOFF_MS = 600_000
KEY_PATH = "/_matrix/key/v2/server"
HELD = b'{"pdus":{}}'
ALICE, BOB, DORA = "@alice:a.test", "@bob:b.test", "@dora:d.test"


class Front:
    """Keeps what comes and answers /send with `status` (0 drops the connection), key requests with `document`, the rest
    with `others`; `body` is what it answers to /send."""

    def __init__(self, port=0):
        self.held, self.asked, self.peers = [], [], 0
        self.status, self.others, self.body, self.document, self.answers = 200, 404, HELD, None, {}
        self.changed, self.gate = threading.Condition(), asyncio.Event()
        self.gate.set()
        self.loop = LoopThread()
        self.server = Server(self._answer)
        self.port = self.loop.run(self.server.start(port))
        self.address = f"127.0.0.1:{self.port}"

    async def _answer(self, request):
        with self.changed:
            is_send = "/federation/v1/send/" in request.target
            (self.held if is_send else self.asked).append(request)
            self.peers = max(self.peers, len(self.server.connections))
            self.changed.notify_all()
        await self.gate.wait()
        path = next((each for each in self.answers if each in request.target), None)
        if path:
            return Response(200, canonical_json(self.answers[path]))
        if self.document is not None and request.target.endswith(KEY_PATH):
            return Response(200, canonical_json(self.document))
        status = self.status if is_send else self.others
        if status == 0:
            raise Dropped
        error = canonical_json({"errcode": "M_NOT_FOUND", "error": "away"})
        return Response(status, self.body if is_send and status == 200 else error)

    def wait(self, count, asked=False):
        """Until that number came; returns them."""
        which = self.asked if asked else self.held
        with self.changed:
            assert self.changed.wait_for(lambda: len(which) >= count, 30), f"{len(which)} of {count} requests came"
        return list(which)

    def pause(self):
        """Answers nothing until `go_on`."""
        self.loop.loop.call_soon_threadsafe(self.gate.clear)

    def go_on(self):
        self.loop.loop.call_soon_threadsafe(self.gate.set)

    def stop(self):
        self.loop.run(self.server.stop())
        self.loop.stop()


def send_raw(port, method, target, headers, body):
    """Status and parsed answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def statuses(answers):
    return [status for status, _ in answers]


def replay(server, request, header=None):
    """Delivers a held request exactly as it came, or with another Authorization (None leaves it out for "")."""
    headers = [each for each in request.headers if header is None or each[0] != "Authorization"]
    if header:
        headers.append(("Authorization", header))
    return send_raw(server.port, request.method, request.target, headers, request.body)


class Stranger:
    """A raw client that signs for itself."""

    def __init__(self, name="c.test", validity_ms=30 * DAY_MS):
        self.name, self.number = name, 0
        self.key = SigningKey(name, "ed25519:c", os.urandom(32), Clock(), validity_ms)

    def send(self, server, pdus=(), edus=(), txn=None, destination="b.test"):
        self.number += 1
        body = {"origin": self.name, "origin_server_ts": 1, "pdus": list(pdus), "edus": list(edus)}
        target = f"/_matrix/federation/v1/send/{txn or f'c{self.number}'}"
        return self.request(server, "PUT", target, body, destination)

    def request(self, server, method, target, body=None, destination="b.test"):
        text = b"" if body is None else canonical_json(body)
        return send_raw(server.port, method, target, [
            ("Host", destination), ("Content-Length", str(len(text))), ("Content-Type", "application/json"),
            ("Authorization", self.key.authorization(method, target, destination, body))], text)

    def to_device(self, message_id, text="x"):
        return {"edu_type": "m.direct_to_device", "content": {
            "message_id": message_id, "messages": {BOB: {"D": {"text": text}}}, "sender": f"@c:{self.name}",
            "type": "m.test"}}


class Room:
    """a.test, b.test and, with `third`, d.test, joined to a room of A's; a front stands where B was."""

    def __init__(self, third=False, b_options=None):
        with contextlib.ExitStack() as stack:
            options = {"processing_ms": 1}
            self.front = Front()
            stack.callback(self.front.stop)
            self.a = stack.enter_context(InThread(name="a.test", **options))
            self.b = stack.enter_context(InThread(name="b.test", **options, **(b_options or {})))
            self.names = {"a.test": self.a.address, "b.test": self.b.address}
            self.d = None
            if third:
                self.d = stack.enter_context(InThread(name="d.test", **options))
                self.names["d.test"] = self.d.address
            self.everybody("there")
            self.id = self.a.create_room(creator=ALICE)
            self.b.join(room=self.id, user=BOB, via="a.test")
            if third:
                self.d.join(room=self.id, user=DORA, via="a.test")
                self.b.records(kind="pdu", count=1)  # D's join
            self.before = self.b.timeline(room=self.id)
            self.stack = stack.pop_all()

    def servers(self):
        return [each for each in (self.a, self.b, self.d) if each]

    def everybody(self, where):
        for each in self.servers():
            each.options(addresses=dict(self.names))
        if where == "b is away":
            for each in (self.a, self.d):
                if each:
                    each.options(addresses={**self.names, "b.test": self.front.address})
            self.b.options(addresses={})

    def hold(self, *texts):
        """A says this while B is away; returns what was held and the ids."""
        self.everybody("b is away")
        count = len(self.front.held)
        ids = []
        for number, text in enumerate(texts):
            ids.append(self.a.say(room=self.id, sender=ALICE, text=text))
            self.front.wait(count + number + 1)
        return self.front.wait(count + len(texts))[count:], ids

    def arrived(self):
        """Ids that B has since the joins, in order."""
        self.b.settled()
        return self.b.timeline(room=self.id)[len(self.before):]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()
