#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for an ordinary Matrix homeserver that knows nothing of relays, as strict as a real one.

    homeserver.py '{"name": "b.test", "state": "FOLDER/b.db", …}'

It takes PUT /send as a homeserver does (signatures, keys and their validity, one transaction of an origin at a time,
answers remembered by transaction id, gaps that are asked for and dropped) and sends as one does (a queue for each
destination, back-off, directly or through the outbound hook). homeserverfacts.py shows each of these.

In a test's own process, or as one that can be killed and started again with what its database keeps:

    with InThread(name="a.test", addresses={"b.test": "127.0.0.1:4000"}) as a: …
    b = Process(folder, name="b.test"); b.kill(); b.start()

Both take OPTIONS as keywords, have `.port` and `.address` (host:port of the federation listener) and every verb of
homeservercontrol.Controls as a method: `a.say(room=…, sender=…, text=…)`, `b.records(kind="pdu", count=3)`. A verb that
waits does so for an event, 30 s at most. What the verb `options` changes is as before after a restart. The process prints
{"port", "control"} when it listens, takes verbs as POST /VERB on the control port, and ends with its standard input.

A scenario with a front door, an outbox and a courier, where a.test writes to b.test:

    a = InThread(name="a.test", hook=A_NODE, hook_secret=…)            # outbox: all that A sends goes to its node
    a = InThread(name="a.test", addresses={"b.test": FRONT_DOOR})      # or: A knows nothing, the relay has B's address
    b = Process(folder, name="b.test", notaries=["b-node"], addresses={"a.test": a.address, "b-node": B_NODE})

1. `room = a.create_room(creator="@alice:a.test")`, `b.join(room=room, user="@bob:b.test", via="a.test")` while both are
   there. The key that a homeserver signs with goes into its node by `--import-key` (`seed` here, 32 bytes in hex).
2. `b.kill()`; A says and sends things. `a.attempts(destination="b.test", count=…)` tells what A was answered,
   `a.backoff(destination="b.test")` whether it will wait, `a.request(…)` how the other requests fare.
3. `b.start()`; the courier delivers to `b.address`; `b.records()` has what B accepted, in order, and what it dropped.
4. `b.clock(forward_ms=…)` lets keys and memories expire. `b.answer_instead(target="/send/", status=503)` is a bad day.
"""

import asyncio
import http.client
import json
import os
import subprocess
import sys
import traceback

from homeserveranswers import Answers
from homeservercontrol import WAIT_SECONDS, Controls
from homeserverevents import Rooms
from homeserverhttp import Client, LoopThread, Response, Server
from homeserverkeys import DAY_MS, Clock, KeyRing, SigningKey
from homeserverreceiving import Receiving
from homeserversending import FIRST_BACKOFF_MS, Sending
from homeserverstore import Store

OPTIONS = {
    "name": None,  # the server name
    "state": None,  # the file of its database, otherwise in memory
    "port": 0,  # of the federation listener on loopback; the same again when a state is used again
    "tls_certificate": None, "tls_key": None,  # files; without them it speaks plain HTTP
    "seed": None, "key_id": "ed25519:a_test",  # 32 bytes in hex, otherwise made once
    "key_validity_ms": DAY_MS,
    "clock": None, "clock_still": False,  # ms since 1970 at the first start
    "addresses": {},  # of other servers, host:port or https://host:port; one that is not here cannot be reached
    "hook": None, "hook_secret": "",  # host:port of a node listener: everything goes there instead
    "notaries": [],  # trusted key servers, by name
    "whitelist": None,  # of server names that may send
    "first_backoff_ms": FIRST_BACKOFF_MS,
    "inner_tries": 0,  # how often /send is repeated as it is after 429, 5xx or a drop, before it counts as failed
    "inner_wait_ms": 0,  # before each of these
    "processing_ms": 15,  # for each transaction, as measured
    "timeout": 60,  # of its requests, in seconds
}


class Homeserver:
    """The parts and their wiring. Lives in one event loop."""

    def __init__(self, options):
        unknown = set(options) - set(OPTIONS)
        assert not unknown, f"unknown options: {unknown}"
        self.options = {**OPTIONS, **options}
        self.name = self.options["name"]
        self.change = asyncio.Event()
        self.store = Store(self.options["state"])
        self.clock = Clock()
        self._start_clock()
        seed = self.store.meta("seed") or self.options["seed"] or os.urandom(32).hex()
        key_id = self.store.meta("key_id") or self.options["key_id"]
        self.key = SigningKey(self.name, key_id, bytes.fromhex(seed), self.clock, self.options["key_validity_ms"])
        self.key.old_keys = self.store.meta("old_keys", {})
        self._keep_key(seed)
        self.client = Client(self.options["timeout"])
        self.rooms = Rooms(self.store, self.key, self.clock)
        self.sending = Sending(self.store, self.clock, self.key, self.rooms, self.client, self.options, self.changed)
        self.keys = KeyRing(self.store, self._ask_for_key, self._ask_notary, self.options["notaries"])
        self.receiving = Receiving(self.store, self.clock, self.rooms, self.keys, self.sending, self.options,
                                   self.changed)
        self.answers = Answers(self)
        self.controls = Controls(self)
        self.server = Server(self.answers.answer, self.options["tls_certificate"], self.options["tls_key"])

    def _start_clock(self):
        if kept := self.store.meta("clock"):
            self.clock.offset, self.clock.still = kept
        elif self.options["clock"] is not None:
            self.clock.set(self.options["clock"], self.options["clock_still"])
            self.store.set_meta("clock", [self.clock.offset, self.clock.still])

    def _keep_key(self, seed):
        self.store.set_meta("seed", seed)
        self.store.set_meta("key_id", self.key.key_id)
        self.store.set_meta("old_keys", self.key.old_keys)

    def rotate_key(self, key_id):
        seed = os.urandom(32).hex()
        self.key.rotate(key_id, bytes.fromhex(seed))
        self._keep_key(seed)

    def changed(self):
        self.change.set()
        self.change = asyncio.Event()

    async def _ask_for_key(self, server):
        return self.key.document() if server == self.name else await self.sending.ask(server, "key_document")

    async def _ask_notary(self, notary, server, key_id, valid_at):
        query = {"server_keys": {server: {key_id: {"minimum_valid_until_ts": valid_at}}}}
        answer = await self.sending.ask(notary, "key_query", query)
        documents = (answer or {}).get("server_keys")
        return documents if isinstance(documents, list) else []

    async def start(self):
        port = await self.server.start(self.store.meta("port") or self.options["port"])
        self.store.set_meta("port", port)
        self.receiving.start()
        self.sending.start()
        return port

    async def stop(self):
        running = {self.receiving.staging, *self.sending.tasks()}
        while running:  # asyncio.wait_for before Python 3.12 loses a cancellation that comes together with its result
            for each in running:
                each.cancel()
            _, running = await asyncio.wait(running, timeout=0.1)
        await self.server.stop()
        self.client.close()
        self.store.close()


class Running:
    """A homeserver as a test sees it: its verbs as methods."""

    port = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def __getattr__(self, verb):
        if verb.startswith("_"):
            raise AttributeError(verb)
        return lambda **arguments: self.call(verb, arguments)


class InThread(Running):
    """In a thread of the test's own process."""

    def __init__(self, **options):
        self.loop = LoopThread()
        self.home = self.loop.run(self._begin(options))

    async def _begin(self, options):
        home = Homeserver(options)
        self.port = await home.start()
        return home

    def call(self, verb, arguments):
        return self.loop.run(self.home.controls.call(verb, arguments))

    def stop(self):
        self.loop.run(self.home.stop())
        self.loop.stop()


class Process(Running):
    """A process of its own with its database in `folder`."""

    def __init__(self, folder, **options):
        self.configured = {**options, "state": os.path.join(folder, f"{options['name'].replace(':', '_')}.db")}
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen([sys.executable, "-B", os.path.abspath(__file__), json.dumps(self.configured)],
                                        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line, f"{self.configured['name']} ended before it was ready: {self.process.wait(WAIT_SECONDS)}"
        ready = json.loads(line)
        self.port, self.control = ready["port"], ready["control"]

    def call(self, verb, arguments):
        connection = http.client.HTTPConnection("127.0.0.1", self.control, timeout=2 * WAIT_SECONDS)
        try:
            connection.request("POST", f"/{verb}", json.dumps(arguments))
            response = connection.getresponse()
            value = json.loads(response.read())
        finally:
            connection.close()
        assert response.status == 200, f"{verb}: {value['error']}"
        return value

    def _end(self, how):
        how()
        self.process.wait(WAIT_SECONDS)
        self.process.stdin.close()
        self.process.stdout.close()

    def kill(self):
        self._end(self.process.kill)

    def stop(self):
        self._end(self.process.terminate)


async def main(options):
    home = Homeserver(options)
    port = await home.start()

    async def control(request):
        try:
            value = await home.controls.call(request.target.removeprefix("/"), json.loads(request.body or b"{}"))
            return Response(200, json.dumps(value).encode())
        except Exception as error:  # of the test that asked
            traceback.print_exc()
            return Response(400, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())

    endpoint = Server(control)
    print(json.dumps({"port": port, "control": await endpoint.start()}), flush=True)
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # at its end the test has gone
    await ended


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
