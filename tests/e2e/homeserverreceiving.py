# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in homeserver does with PUT /send: one transaction of an origin at a time, answers remembered by
(origin, transaction id), events taken in behind the answer."""

import asyncio
import json

from homeserverevents import content_hash, event_id, is_signed_by_sender, redacted
from homeserverkeys import DAY_MS, domain_of

ANSWERS_KEPT_MS = DAY_MS
MESSAGE_IDS_KEPT_MS = 7 * DAY_MS
MOST_PDUS, MOST_EDUS = 50, 100
MISSING_EVENTS = 10  # that one get_missing_events asks for


class Receiving:
    """`requests` is Sending, for questions to the origin of a transaction."""

    def __init__(self, store, clock, rooms, keys, requests, options, changed):
        self.store, self.clock, self.rooms, self.keys, self.requests = store, clock, rooms, keys, requests
        self.options, self.changed = options, changed
        self.active = {}  # origin: (transaction id, future of the answer)
        self.gate = asyncio.Event()  # a test closes it to keep transactions in work
        self.gate.set()
        self.staging_filled = asyncio.Event()
        self.staging = None

    def start(self):
        """Events that were staged before a kill are taken in now."""
        self.staging_filled.set()
        self.staging = asyncio.create_task(self._take_staged())

    def is_settled(self):
        return not self.active and self.store.one("SELECT 1 FROM staged") is None

    def record(self, kind, via, txn_id, content, identifier=None):
        """What a test reads, in the order in which it was accepted."""
        self.store.run("INSERT INTO records (kind, id, via, txn, content) VALUES (?, ?, ?, ?, ?)", kind, identifier,
                       via, txn_id, json.dumps(content))
        self.changed()

    async def transaction(self, origin, txn_id, content):
        """Status and body."""
        pdus, edus = content.get("pdus") or [], content.get("edus") or []
        if len(pdus) > MOST_PDUS or len(edus) > MOST_EDUS:
            return 400, {}
        if origin in self.active:
            current, answer = self.active[origin]
            if current != txn_id:
                return 429, {"errcode": "M_UNKNOWN", "error": "Too many concurrent transactions"}
            return await asyncio.shield(answer)
        answer = asyncio.get_running_loop().create_future()
        self.active[origin] = txn_id, answer
        try:
            answer.set_result(await self._answer(origin, txn_id, pdus, edus))
        except Exception as error:  # whatever a stranger's content leads to; it is not remembered and may come again
            answer.set_result((500, {"errcode": "M_UNKNOWN", "error": "Internal server error"}))
            self.record("failure", origin, txn_id, f"{type(error).__name__}: {error}")
        finally:
            del self.active[origin]
            self.changed()
        return answer.result()

    async def _answer(self, origin, txn_id, pdus, edus):
        now = self.clock.now()
        self.store.run("DELETE FROM answers WHERE at < ?", now - ANSWERS_KEPT_MS)
        known = self.store.one("SELECT status, answer FROM answers WHERE origin = ? AND txn = ?", origin, txn_id)
        if known:
            return known[0], json.loads(known[1])
        await self.gate.wait()
        await asyncio.sleep(self.options["processing_ms"] / 1000)  # stands for the work, in which others may come
        failure = None
        for edu in edus:
            try:
                self._edu(origin, txn_id, edu)
            except Exception as error:  # the others are taken all the same
                failure = error
        results = await self._pdus(origin, txn_id, pdus)
        if failure:
            raise failure
        answer = {"pdus": results}
        self.store.run("INSERT INTO answers VALUES (?, ?, 200, ?, ?)", origin, txn_id, json.dumps(answer), now)
        return 200, answer

    # EDUs: one that is not of the transaction's origin is dropped without a word.

    def _edu(self, origin, txn_id, edu):
        kind, content = edu["edu_type"], edu["content"]
        if kind == "m.direct_to_device":
            sender, message_id, messages = content["sender"], content["message_id"], content["messages"]
            if domain_of(sender) == origin:
                self._to_device(origin, txn_id, content["type"], sender, message_id, messages)
        elif kind == "m.device_list_update":
            if domain_of(content["user_id"]) == origin and content["device_id"]:
                self.record(kind, origin, txn_id, content)
        elif kind == "m.typing":
            room_id, user = content["room_id"], content["user_id"]
            if domain_of(user) == origin and not self.rooms.is_banned(origin, room_id) and self.rooms.room(room_id):
                self.record(kind, origin, txn_id, content)
        elif kind == "m.receipt":
            for room_id, receipts in content.items():
                users = [user for of_kind in receipts.values() for user in of_kind]
                if not self.rooms.is_banned(origin, room_id) and all(domain_of(user) == origin for user in users):
                    self.record(kind, origin, txn_id, {room_id: receipts})
        elif kind == "m.presence":
            for push in content.get("push", []):
                if domain_of(push["user_id"]) == origin:
                    self.record(kind, origin, txn_id, push)
        elif domain_of(content.get("user_id", f"@:{origin}")) == origin:
            self.record(kind, origin, txn_id, content)

    def _to_device(self, origin, txn_id, kind, sender, message_id, messages):
        now = self.clock.now()
        self.store.run("DELETE FROM message_ids WHERE at < ?", now - MESSAGE_IDS_KEPT_MS)
        if self.store.one("SELECT 1 FROM message_ids WHERE origin = ? AND id = ?", origin, message_id):
            return
        with self.store.together():
            self.store.run("INSERT INTO message_ids VALUES (?, ?, ?)", origin, message_id, now)
            self.record("m.direct_to_device", origin, txn_id, {"type": kind, "sender": sender, "messages": messages},
                        message_id)

    # PDUs: the answer says whether signatures are good and the origin is not banned, no more.

    async def _pdus(self, origin, txn_id, pdus):
        results = {}
        for pdu in pdus:
            room_id = pdu.get("room_id")
            if room_id is not None and not isinstance(room_id, str):
                raise TypeError("the room id is no text")
            room = self.rooms.room(room_id)
            if room is None:
                continue  # a room that nobody here is in: ignored
            try:
                identifier = event_id(pdu, room["version"])
            except (KeyError, TypeError, AttributeError):
                continue  # no event: ignored
            if self.rooms.is_banned(origin, room_id):
                results[identifier] = {"errcode": "M_FORBIDDEN", "error": "Server is banned from room"}
            elif not await self._is_good(pdu, room["version"]):
                results[identifier] = {"error": f"ERROR 403: Invalid signature on {identifier}"}
            else:
                results[identifier] = {}
                if not self.rooms.is_known(identifier):
                    self.store.run("INSERT INTO staged (origin, txn, room, id, pdu) VALUES (?, ?, ?, ?, ?)", origin,
                                   txn_id, room_id, identifier, json.dumps(pdu))
                    self.staging_filled.set()
        return results

    async def _is_good(self, pdu, version):
        try:
            return await is_signed_by_sender(pdu, self.keys, version)
        except (KeyError, TypeError, AttributeError, IndexError):
            return False

    async def _take_staged(self):
        while True:
            await self.staging_filled.wait()
            row = self.store.one("SELECT n, origin, txn, room, id, pdu FROM staged ORDER BY n LIMIT 1")
            if row is None:
                self.staging_filled.clear()
                self.changed()
                continue
            number, origin, txn_id, room_id, identifier, pdu = row
            try:
                await self._take(origin, txn_id, room_id, identifier, json.loads(pdu))
            except Exception as error:  # of one event, which is dropped
                self.record("failure", origin, txn_id, f"{identifier}: {type(error).__name__}: {error}")
            self.store.run("DELETE FROM staged WHERE n = ?", number)
            self.changed()

    async def _take(self, origin, txn_id, room_id, identifier, pdu):
        """Adds an event to its room, after what comes before it; whoever sent it is asked for that."""
        if self.rooms.is_known(identifier):
            return
        if self.rooms.missing_prevs(pdu):
            await self._fill_gap(origin, txn_id, room_id, identifier, pdu)
        still = self.rooms.missing_prevs(pdu)
        if still and not all([await self._fetch_state(origin, room_id, each) for each in still]):
            return self.record("dropped", origin, txn_id, {"missing": still}, identifier)
        self._accept(origin, txn_id, identifier, pdu)

    def _accept(self, origin, txn_id, identifier, pdu):
        version = self.rooms.room(pdu["room_id"])["version"]
        if content_hash(pdu) != pdu["hashes"]["sha256"]:
            pdu = redacted(pdu, version)  # somebody changed what the sender's signature does not cover
        if not self.rooms.may_send(pdu):
            return self.record("rejected", origin, txn_id, pdu, identifier)
        with self.store.together():
            self.rooms.add(identifier, pdu)
            self.record("pdu", origin, txn_id, pdu, identifier)

    async def _fill_gap(self, origin, txn_id, room_id, identifier, pdu):
        room = self.rooms.room(room_id)
        answer = await self.requests.ask(origin, "get_missing_events", room_id, {
            "earliest_events": room["extremities"], "latest_events": [identifier], "limit": MISSING_EVENTS,
            "min_depth": 1})
        for event in sorted((answer or {}).get("events", []), key=lambda each: each["depth"]):
            each = event_id(event, room["version"])
            is_wanted = event["room_id"] == room_id and not self.rooms.is_known(each)
            if is_wanted and not self.rooms.missing_prevs(event) and await self._is_good(event, room["version"]):
                self._accept(origin, txn_id, each, event)

    async def _fetch_state(self, origin, room_id, identifier):
        """For an event that stays unknown: the room's state there, and the event itself as an outlier."""
        version = self.rooms.room(room_id)["version"]
        ids = await self.requests.ask(origin, "state_ids", room_id, identifier)
        if ids is None:
            return False
        for each in [*ids["auth_chain_ids"], *ids["pdu_ids"], identifier]:
            if self.rooms.is_known(each, outliers=True):
                continue
            answer = await self.requests.ask(origin, "event", each)
            event = answer and answer["pdus"][0]
            if not event or event_id(event, version) != each or not await self._is_good(event, version):
                return False
            self.rooms.keep_outlier(each, event)
        return True
