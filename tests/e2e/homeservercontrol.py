# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test can tell and ask the stand-in homeserver. Each public method is a verb; what it returns is JSON."""

import asyncio
import json
import secrets

from homeserverevents import event_id, is_signed_by_sender, sign_event
from homeserverkeys import domain_of

WAIT_SECONDS = 30


class Controls:
    def __init__(self, homeserver):
        self.home = homeserver

    async def call(self, verb, arguments):
        if verb.startswith("_") or verb == "call":
            raise ValueError(f"there is no verb {verb}")
        result = getattr(self, verb)(**arguments)
        return await result if asyncio.iscoroutine(result) else result

    async def _until(self, condition, what):
        async def wait():
            while not condition():
                await self.home.change.wait()
        try:
            await asyncio.wait_for(wait(), WAIT_SECONDS)
        except asyncio.TimeoutError as error:
            raise AssertionError(f"{self.home.name}: never happened: {what}") from error

    # Clock and keys

    def clock(self, now_ms=None, forward_ms=0, still=None):
        """Sets it, or moves it forward; `still` stops it or lets it run. Returns what it shows."""
        clock = self.home.clock
        clock.set((clock.now() if now_ms is None else now_ms) + forward_ms,
                  clock.still is not None if still is None else still)
        self.home.store.set_meta("clock", [clock.offset, clock.still])
        return clock.now()

    def key_document(self):
        return self.home.key.document()

    def add_key_document(self, document):
        """As if it had been fetched; returns whether it was good."""
        return self.home.keys.add(document)

    def forget_keys(self, server):
        self.home.store.run("DELETE FROM keys WHERE server = ?", server)

    def rotate_key(self, key_id):
        self.home.rotate_key(key_id)

    def options(self, **changes):
        """Of homeserver.OPTIONS; those that a start needs have no effect."""
        self.home.options.update(changes)

    # Rooms

    def create_room(self, creator, version="10"):
        """A public room; returns its id."""
        room_id = f"!{secrets.token_hex(6)}:{self.home.name}"
        with self.home.store.together():
            self.home.rooms.create(room_id, creator, version)
        return room_id

    def adopt_room(self, room, version, known):
        """A room of which only these event ids are known: recorded mail that builds on them is taken."""
        self.home.rooms.adopt(room, version, known)

    async def join(self, room, user, via):
        """Joins by make_join and send_join."""
        requests, rooms, key = self.home.sending, self.home.rooms, self.home.key
        template = await requests.ask(via, "make_join", room, user)
        assert template, f"{via} answered no make_join"
        version = template["room_version"]
        event = sign_event(template["event"], key, version)
        identifier = event_id(event, version)
        answer = await requests.ask(via, "send_join", room, identifier, event)
        assert answer, f"{via} answered no send_join"
        for each in answer["auth_chain"] + answer["state"]:
            assert await is_signed_by_sender(each, self.home.keys, version), f"{via} sent an event with a bad signature"
        with self.home.store.together():
            state = {each["type"] + "\0" + each["state_key"]: event_id(each, version) for each in answer["state"]}
            for each in answer["auth_chain"] + answer["state"]:
                rooms.keep_outlier(event_id(each, version), each)
            rooms.keep_room(room, {"version": version, "state": state, "extremities": []})
            rooms.add(identifier, event)
        return identifier

    def send(self, room, sender, content, kind="m.room.message", state_key=None):
        """An event of one of our users, to all servers in the room; returns its id."""
        with self.home.store.together():
            identifier, stream = self.home.rooms.make(room, sender, kind, content, state_key)
            self.home.sending.send_event(identifier, stream, self.home.rooms.servers(room))
        return identifier

    def say(self, room, sender, text):
        return self.send(room, sender, {"body": text, "msgtype": "m.text"})

    def ban(self, room, sender, servers):
        """Bans servers by name from a room."""
        return self.send(room, sender, {"allow": ["*"], "deny": servers}, "m.room.server_acl", "")

    def timeline(self, room):
        """Ids of the room's events in the order in which they came; none that were only fetched as state."""
        rows = self.home.store.all("SELECT id FROM events WHERE room = ? AND NOT outlier ORDER BY stream", room)
        return [row[0] for row in rows]

    async def has(self, event):
        """Waits until the event is in its room."""
        await self._until(lambda: self.home.rooms.is_known(event), f"{event} arrives")

    def event(self, event):
        return self.home.rooms.event(event)

    # EDUs

    def edu(self, destination, edu_type, content):
        self.home.sending.send_edu(destination, edu_type, content)

    def to_device(self, sender, user, device, content, kind="m.test"):
        """Returns the message id."""
        message_id = secrets.token_hex(8)
        self.edu(domain_of(user), "m.direct_to_device", {
            "message_id": message_id, "messages": {user: {device: content}}, "org.matrix.opentracing_context": "{}",
            "sender": sender, "type": kind})
        return message_id

    def typing(self, room, user, typing=True):
        for server in self.home.rooms.servers(room) - {self.home.name}:
            self.edu(server, "m.typing", {"room_id": room, "typing": typing, "user_id": user})

    def receipt(self, room, user, event):
        for server in self.home.rooms.servers(room) - {self.home.name}:
            self.edu(server, "m.receipt", {room: {"m.read": {user: {"data": {"ts": self.home.clock.now()},
                                                                   "event_ids": [event]}}}})

    def presence(self, user, destination, presence="online"):
        self.edu(destination, "m.presence", {"push": [{"last_active_ago": 44, "presence": presence, "user_id": user}]})

    # What happened. `count`: waits until there are as many.

    async def records(self, kind=None, count=0):
        """What was accepted, in order: kind (pdu or an EDU's type; also rejected, dropped, failure), id, via (origin of
        the transaction), txn, content."""
        def found():
            rows = self.home.store.all("SELECT seq, kind, id, via, txn, content FROM records ORDER BY seq")
            return [row for row in rows if kind in (None, row[1])]
        await self._until(lambda: len(found()) >= count, f"{count} records of {kind}")
        names = ("seq", "kind", "id", "via", "txn")
        return [{**dict(zip(names, row)), "content": json.loads(row[5])} for row in found()]

    async def attempts(self, destination=None, count=0):
        """Transactions that were sent since the start: destination, txn, events, edus, at, status (0: no answer, null:
        still waiting), answer. Only those that ended count."""
        def found():
            return [each for each in self.home.sending.attempts if destination in (None, each["destination"])]
        await self._until(lambda: sum(each["status"] is not None for each in found()) >= count,
                          f"{count} attempts to {destination}")
        return found()

    async def requests(self, contains="", count=0):
        """Requests that came, with their headers."""
        def found():
            return [each for each in self.home.answers.requests if contains in each["target"]]
        await self._until(lambda: len(found()) >= count, f"{count} requests of {contains}")
        return found()

    async def settled(self):
        """Waits until everything that came has been taken in, dropped or rejected."""
        await self._until(self.home.receiving.is_settled, "everything was taken in")

    async def all_sent(self, destination):
        """Waits until nothing is left for a destination; a back-off keeps it waiting."""
        await self._until(lambda: not self.home.sending.queue(destination).has_work(), f"all is sent to {destination}")

    async def waiting_for_hook(self, times):
        """Waits until the hook has refused that number of connections."""
        await self._until(lambda: self.home.sending.hook_refusals >= times, f"{times} refusals of the hook")

    async def backoff(self, destination, wait=False):
        """{"until", "length"} in ms, or null; `wait`s for one."""
        if wait:
            await self._until(lambda: self.home.sending.backoff(destination), f"a back-off towards {destination}")
        found = self.home.sending.backoff(destination)
        return found and {"until": found[0], "length": found[1]}

    def end_backoff(self, destination):
        """As an administrator's reset_connection."""
        self.home.sending.end_backoff(destination)

    async def request(self, destination, name, arguments):
        """Sends one of homeserversending.REQUESTS. Status 0: no answer; null: not sent because of a back-off."""
        status, body = await self.home.sending.request(destination, name, *arguments)
        return {"status": status, "body": body and body.decode("utf-8", "replace")}

    # Answers that a test wants

    def answer_instead(self, target, status, count=1):
        """The next requests with this in their target get that status; 0 drops the connection."""
        self.home.answers.instead.append([target, status, count])

    def hold(self, closed=True):
        """Keeps transactions in work until it is called with false."""
        (self.home.receiving.gate.clear if closed else self.home.receiving.gate.set)()

    def user(self, user, devices=(), displayname=None):
        self.home.answers.devices[user] = list(devices)
        if displayname:
            self.home.answers.profiles[user] = {"displayname": displayname}
