# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in homeserver sends: a queue for each destination, one transaction at a time, with its back-off, and
the other requests of the federation. Bodies and headers are like the ones in tests/data/captures."""

import asyncio
import json
import traceback
from urllib.parse import quote, urlencode

from homeserverhttp import NoAnswer
from homeserverkeys import canonical_json
from homeserverreceiving import MOST_EDUS, MOST_PDUS

USER_AGENT = "Synapse/1.160.0"
FIRST_BACKOFF_MS = 10 * 60 * 1000
LONGEST_BACKOFF_MS = 7 * 24 * 3600 * 1000
FORGET_MS = 3600 * 1000  # in a longer back-off what waits in memory is forgotten
HOOK_WAITS_MS = (4000, 16000, 60000, 60000)  # until a hook that refuses connections is tried again
VERSIONS = "&".join(f"ver={each}" for each in (*range(1, 13), "org.matrix.msc3757.10", "org.matrix.msc3757.11",
                                              "org.matrix.hydra.11"))
FEDERATION = "/_matrix/federation/v1/"


def part(text):
    return quote(text, safe="")


# Of each request its method, target and body. Those without a body have None.
REQUESTS = {
    "get_missing_events": lambda room, body: ("POST", f"{FEDERATION}get_missing_events/{part(room)}", body),
    "event": lambda event: ("GET", f"{FEDERATION}event/{part(event)}", None),
    "state_ids": lambda room, event: ("GET", f"{FEDERATION}state_ids/{part(room)}?event_id={part(event)}", None),
    "backfill": lambda room, event: ("GET", f"{FEDERATION}backfill/{part(room)}?v={part(event)}&limit=100", None),
    "user_devices": lambda user: ("GET", f"{FEDERATION}user/devices/{part(user)}", None),
    "keys_query": lambda user: ("POST", f"{FEDERATION}user/keys/query", {"device_keys": {user: []}}),
    "keys_claim": lambda user, device: ("POST", f"{FEDERATION}user/keys/claim",
                                        {"one_time_keys": {user: {device: "signed_curve25519"}}}),
    "media": lambda media: ("GET", f"{FEDERATION}media/download/{part(media)}?timeout_ms=20000", None),
    "make_join": lambda room, user: ("GET", f"{FEDERATION}make_join/{part(room)}/{part(user)}?{VERSIONS}", None),
    "send_join": lambda room, event, body: (
        "PUT", f"/_matrix/federation/v2/send_join/{part(room)}/{part(event)}?omit_members=false", body),
    "profile_refresh": lambda user: ("GET", f"{FEDERATION}query/profile?{urlencode({'user_id': user})}", None),
    "profile": lambda user: ("GET", f"{FEDERATION}query/profile?{urlencode({'user_id': user})}", None),
    "directory": lambda alias: ("GET", f"{FEDERATION}query/directory?{urlencode({'room_alias': alias})}", None),
    "invite": lambda room, event, body: (
        "PUT", f"/_matrix/federation/v2/invite/{part(room)}/{part(event)}", body),
    "key_document": lambda: ("GET", "/_matrix/key/v2/server", None),
    "key_query": lambda body: ("POST", "/_matrix/key/v2/query", body),
}
NEVER_BACK_OFF = {"profile", "directory", "invite", "key_document", "key_query"}  # sent during one, and cause none


class Sending:
    def __init__(self, store, clock, key, rooms, client, options, changed):
        self.store, self.clock, self.key, self.rooms, self.client = store, clock, key, rooms, client
        self.options, self.changed = options, changed
        self.queues = {}
        self.attempts = []  # of /send: what a test reads
        self.hook_refusals = 0
        self.next_txn = max(clock.now(), store.meta("next_txn", 0))

    def start(self):
        """What the database still owes is sent."""
        for (name,) in self.store.all("SELECT destination FROM owed UNION SELECT destination FROM edus_out"):
            self.queue(name).wake()

    def tasks(self):
        return [queue.task for queue in self.queues.values() if queue.task]

    @staticmethod
    def note_ended(task):
        if not task.cancelled() and task.exception():
            traceback.print_exception(task.exception())

    def queue(self, destination):
        return self.queues.setdefault(destination, Queue(self, destination))

    def send_event(self, identifier, stream, servers):
        room_id = self.rooms.event(identifier)["room_id"]
        for server in servers - {self.key.name}:
            queue = self.queue(server)
            self.store.run("INSERT OR REPLACE INTO owed VALUES (?, ?, ?)", server, room_id, stream)
            queue.add_event(identifier, stream)

    def send_edu(self, destination, edu_type, content):
        """To-device messages and device lists outlive a restart, the others only wait in memory."""
        edu = {"content": content, "edu_type": edu_type}
        if edu_type in ("m.direct_to_device", "m.device_list_update"):
            self.store.run("INSERT INTO edus_out (destination, edu) VALUES (?, ?)", destination, json.dumps(edu))
            self.queue(destination).wake()
        else:
            self.queue(destination).add_edu(edu)

    # Back-off

    def backoff(self, destination):
        """(moment of its end, its length) or None."""
        return self.store.one("SELECT until, length FROM backoffs WHERE destination = ?", destination)

    def is_backing_off(self, destination):
        backoff = self.backoff(destination)
        return backoff is not None and backoff[0] > self.clock.now()

    def note_failure(self, destination):
        before = self.backoff(destination)
        length = min(before[1] * 2, LONGEST_BACKOFF_MS) if before else self.options["first_backoff_ms"]
        until = self.clock.now() + length
        self.store.run("INSERT OR REPLACE INTO backoffs VALUES (?, ?, ?)", destination, until, length)
        self.changed()

    def end_backoff(self, destination):
        """After a success, a request from that server, or as an administrator asks."""
        if self.backoff(destination):
            self.store.run("DELETE FROM backoffs WHERE destination = ?", destination)
            if destination in self.queues:
                self.queues[destination].ended.set()
                self.queues[destination].wake()
            self.changed()

    # Requests

    async def exchange(self, destination, method, target, content):
        """One signed request on the way that is configured; raises NoAnswer."""
        body = b"" if content is None else canonical_json(content)
        authorization = self.key.authorization(method, target, destination, content)
        length = [("Content-Length", str(len(body)))] if body else []
        kind = [("Content-Type", "application/json")] if body else []
        headers = [*length, ("User-Agent", USER_AGENT), *kind, ("Authorization", authorization)]
        if hook := self.options["hook"]:
            has_port = destination.rpartition(":")[2].isdecimal() and not destination.endswith("]")
            proof = ("Proxy-Authorization", f"Bearer {self.options['hook_secret']}")
            host = ("Host", destination if has_port else f"{destination}:80")
            headers = [("Connection", "close"), *headers, proof, host]
            return await self._through_hook(hook, method, f"matrix-federation://{destination}{target}", headers, body)
        address = self.options["addresses"].get(destination)
        if address is None:
            raise NoAnswer(f"{destination} has no address")
        return await self.client.exchange(address, method, target, [*headers, ("Host", destination)], body)

    async def _through_hook(self, hook, method, target, headers, body):
        for wait in HOOK_WAITS_MS:
            try:
                return await self.client.exchange(hook, method, target, headers, body)
            except NoAnswer as error:
                if not error.refused:
                    raise
                self.hook_refusals += 1
                self.changed()
                await self.clock.reach(self.clock.now() + wait)
        return await self.client.exchange(hook, method, target, headers, body)

    async def request(self, destination, name, *arguments):
        """Status (0: no answer, None: not asked because of a back-off) and body of one of REQUESTS."""
        if name not in NEVER_BACK_OFF and self.is_backing_off(destination):
            return None, None
        try:
            response = await self.exchange(destination, *REQUESTS[name](*arguments))
        except NoAnswer:
            response = None
        if name not in NEVER_BACK_OFF:
            if response is None or response.status in (401, 429) or response.status >= 500:
                self.note_failure(destination)
            else:
                self.end_backoff(destination)
        return (0, b"") if response is None else (response.status, response.body)

    async def ask(self, destination, name, *arguments):
        """The same for an answer of 200 that is a JSON object, otherwise None."""
        status, body = await self.request(destination, name, *arguments)
        try:
            answer = json.loads(body) if status == 200 else None
        except ValueError:
            return None
        return answer if isinstance(answer, dict) else None


class Queue:
    """To one destination. After a failure of /send, or a restart, only the newest event of each room is sent; the other
    side asks for more. A back-off that another request caused leaves what waits in memory as it is for an hour."""

    def __init__(self, sending, destination):
        self.sending, self.destination, self.store = sending, destination, sending.store
        self.events, self.edus = [], {}  # waiting in memory: (id, number), and EDUs by what replaces them
        self.task = None
        self.ended = asyncio.Event()  # a back-off, before its time
        self.is_catching_up = self._next_owed() is not None

    def add_event(self, identifier, stream):
        if not self.is_catching_up:  # otherwise it is owed already, as the newest of its room
            self.events.append((identifier, stream))
        self.wake()

    def add_edu(self, edu):
        content = edu["content"]
        self.edus[edu["edu_type"], canonical_json([content.get("room_id"), content.get("user_id")]
                                                 if edu["edu_type"] == "m.typing" else content)] = edu
        self.wake()

    def wake(self):
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._run())
            self.task.add_done_callback(self.sending.note_ended)

    def has_work(self):
        return bool(self.task and not self.task.done())

    def _last_sent(self):
        row = self.store.one("SELECT stream FROM last_sent WHERE destination = ?", self.destination)
        return row[0] if row else 0

    def _next_owed(self):
        """(id, number) of the oldest of the newest events that were not sent."""
        return self.store.one("SELECT id, events.stream FROM owed JOIN events ON events.stream = owed.stream"
                              " WHERE destination = ? AND owed.stream > ? ORDER BY owed.stream LIMIT 1",
                              self.destination, self._last_sent())

    async def _run(self):
        while True:
            await self._wait_for_backoff()
            if self.is_catching_up:
                owed = self._next_owed()
                if owed is None:
                    self.is_catching_up = False
                    continue
                await self._transmit([owed], [], [])
                continue
            durable = self.store.all("SELECT n, edu FROM edus_out WHERE destination = ? ORDER BY n LIMIT ?",
                                     self.destination, MOST_EDUS)
            keys = list(self.edus)[:MOST_EDUS - len(durable)]
            edus = [json.loads(edu) for _, edu in durable] + [self.edus.pop(key) for key in keys]
            events, self.events = self.events[:MOST_PDUS], self.events[MOST_PDUS:]
            if not events and not edus:
                break
            await self._transmit(events, edus, [number for number, _ in durable])
        self.sending.changed()

    async def _wait_for_backoff(self):
        while self.sending.is_backing_off(self.destination):
            until, length = self.sending.backoff(self.destination)
            if length > FORGET_MS:
                self.events, self.edus, self.is_catching_up = [], {}, True
            self.ended.clear()
            waits = [asyncio.create_task(self.sending.clock.reach(until)), asyncio.create_task(self.ended.wait())]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()

    async def _transmit(self, events, edus, durable):
        """One transaction: an id of its own, and the same bytes again for each inner try."""
        sending = self.sending
        body = {"origin": sending.key.name, "origin_server_ts": sending.clock.now(),
                "pdus": [sending.rooms.event(identifier) for identifier, _ in events]}
        if edus:
            body["edus"] = edus
        txn_id = str(sending.next_txn)
        sending.next_txn += 1
        self.store.set_meta("next_txn", sending.next_txn)
        attempt = {"destination": self.destination, "txn": txn_id, "events": [each for each, _ in events],
                   "edus": [each["edu_type"] for each in edus], "at": body["origin_server_ts"], "status": None,
                   "answer": None}
        sending.attempts.append(attempt)
        for number in range(1 + sending.options["inner_tries"]):
            if number > 0:
                await asyncio.sleep(sending.options["inner_wait_ms"] / 1000)
            await self._try(attempt, f"{FEDERATION}send/{txn_id}", body)
            if attempt["status"] != 429 and 0 < attempt["status"] < 500:
                break
        if not 200 <= attempt["status"] < 300 or not isinstance(attempt["answer"], dict):
            self.events, self.is_catching_up = [], True
            sending.note_failure(self.destination)
            return
        sending.end_backoff(self.destination)
        if events:
            self.store.run("INSERT OR REPLACE INTO last_sent VALUES (?, ?)", self.destination, events[-1][1])
        for number in durable:
            self.store.run("DELETE FROM edus_out WHERE n = ?", number)
        sending.changed()

    async def _try(self, attempt, target, body):
        """Status 0: no answer came."""
        try:
            response = await self.sending.exchange(self.destination, "PUT", target, body)
            attempt["status"], answer = response.status, response.body
        except NoAnswer as error:
            attempt["status"], answer = 0, json.dumps(str(error))
        try:
            attempt["answer"] = json.loads(answer)
        except ValueError:
            attempt["answer"] = repr(answer[:200])
        self.sending.changed()
