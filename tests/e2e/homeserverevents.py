# SPDX-License-Identifier: GPL-3.0-or-later
"""Room events of the stand-in homeserver: hashes, redaction, signatures, and what it keeps of each room.

Room versions 10 and 11, without state resolution: of two state events the one that came later counts.
"""

import base64
import fnmatch
import hashlib
import json

from homeserverkeys import canonical_json, domain_of, is_signed, unpadded_base64

KEPT = {"event_id", "type", "room_id", "sender", "state_key", "content", "hashes", "signatures", "depth", "prev_events",
        "auth_events", "origin_server_ts"}
KEPT_UNTIL_10 = {"prev_state", "origin", "membership"}
KEPT_CONTENT = {
    "m.room.member": {"membership", "join_authorised_via_users_server"},
    "m.room.create": {"creator"},
    "m.room.join_rules": {"join_rule", "allow"},
    "m.room.power_levels": {"ban", "events", "events_default", "kick", "redact", "state_default", "users",
                            "users_default"},
    "m.room.history_visibility": {"history_visibility"},
}
MOST_PREV_EVENTS = 20


def redacted(event, version):
    """The event without what a redaction takes away; `content` of a type that is not listed is emptied."""
    top = KEPT if version == "11" else KEPT | KEPT_UNTIL_10
    content, kind = event["content"], event["type"]
    kept = {name: content[name] for name in KEPT_CONTENT.get(kind, ()) if name in content}
    if version == "11":
        if kind == "m.room.create":
            kept = dict(content)
        elif kind == "m.room.power_levels" and "invite" in content:
            kept["invite"] = content["invite"]
        elif kind == "m.room.redaction" and "redacts" in content:
            kept["redacts"] = content["redacts"]
        elif kind == "m.room.member" and "signed" in content.get("third_party_invite", {}):
            kept["third_party_invite"] = {"signed": content["third_party_invite"]["signed"]}
    return {**{name: value for name, value in event.items() if name in top}, "content": kept}


def content_hash(event):
    bare = {name: value for name, value in event.items() if name not in ("unsigned", "signatures", "hashes")}
    return unpadded_base64(hashlib.sha256(canonical_json(bare)).digest())


def event_id(event, version):
    """The id by reference hash."""
    bare = {name: value for name, value in redacted(event, version).items() if name != "signatures"}
    return "$" + base64.urlsafe_b64encode(hashlib.sha256(canonical_json(bare)).digest()).decode().rstrip("=")


def sign_event(event, key, version):
    """Hashes and signs an event in place and returns it."""
    event["hashes"] = {"sha256": content_hash(event)}
    bare = {name: value for name, value in redacted(event, version).items() if name != "signatures"}
    event.setdefault("signatures", {}).setdefault(key.name, {})[key.key_id] = key.signature(bare)
    return event


async def is_signed_by_sender(event, keys, version):
    """With a key that was valid when the event was made: later expiry does not matter."""
    server = domain_of(event["sender"])
    bare = redacted(event, version)
    for key_id, signature in event.get("signatures", {}).get(server, {}).items():
        key = await keys.key(server, key_id, event["origin_server_ts"])
        if key is not None and is_signed(bare, signature, key):
            return True
    return False


class Rooms:
    """Events and rooms in the store. An outlier is an event without its place in the room: state that was fetched."""

    def __init__(self, store, key, clock):
        self.store, self.key, self.clock = store, key, clock

    def room(self, room_id):
        """{"version", "state": {"type\\0state key": event id}, "extremities": [event id]}, None if it is unknown."""
        row = self.store.one("SELECT version, state, extremities FROM rooms WHERE id = ?", room_id)
        return row and {"version": row[0], "state": json.loads(row[1]), "extremities": json.loads(row[2])}

    def keep_room(self, room_id, room):
        self.store.run("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?, ?)", room_id, room["version"],
                       json.dumps(room["state"]), json.dumps(room["extremities"]))

    def event(self, identifier):
        row = self.store.one("SELECT pdu FROM events WHERE id = ?", identifier)
        return row and json.loads(row[0])

    def is_known(self, identifier, outliers=False):
        row = self.store.one("SELECT outlier FROM events WHERE id = ?", identifier)
        return row is not None and (outliers or not row[0])

    def missing_prevs(self, event):
        return [each for each in event["prev_events"] if not self.is_known(each)]

    def keep_outlier(self, identifier, event):
        self.store.run("INSERT OR IGNORE INTO events (id, room, depth, outlier, pdu) VALUES (?, ?, ?, 1, ?)",
                       identifier, event["room_id"], event["depth"], json.dumps(event))

    def add(self, identifier, event):
        """Puts an event into its room. Returns its number in the order of arrival."""
        stream = self.store.run("INSERT OR REPLACE INTO events (id, room, depth, outlier, pdu) VALUES (?, ?, ?, 0, ?)",
                                identifier, event["room_id"], event["depth"], json.dumps(event))
        room = self.room(event["room_id"])
        room["extremities"] = [each for each in room["extremities"] if each not in event["prev_events"]] + [identifier]
        if "state_key" in event:
            room["state"][event["type"] + "\0" + event["state_key"]] = identifier
        self.keep_room(event["room_id"], room)
        return stream

    def state_event(self, room, kind, state_key=""):
        identifier = room["state"].get(kind + "\0" + state_key)
        return identifier and self.event(identifier)

    def may_send(self, event):
        """Only joined members send, and a room of which the state is unknown takes everything."""
        room = self.room(event["room_id"])
        if event["type"] in ("m.room.create", "m.room.member") or "m.room.create\0" not in room["state"]:
            return True
        member = self.state_event(room, "m.room.member", event["sender"])
        return member is not None and member["content"].get("membership") == "join"

    def servers(self, room_id):
        """Servers with joined members."""
        room = self.room(room_id)
        members = [key.split("\0")[1] for key in room["state"] if key.startswith("m.room.member\0")]
        return {domain_of(user) for user in members
                if self.state_event(room, "m.room.member", user)["content"].get("membership") == "join"}

    def is_banned(self, server, room_id):
        """By the room's m.room.server_acl."""
        room = self.room(room_id)
        acl = room and self.state_event(room, "m.room.server_acl")
        if not acl:
            return False
        host = server if server.startswith("[") else server.split(":")[0]

        def matches(patterns):
            return any(fnmatch.fnmatchcase(host, each) for each in patterns)
        return matches(acl["content"].get("deny", [])) or not matches(acl["content"].get("allow", []))

    def template(self, room_id, sender, kind, content, state_key=None):
        """An event at the room's end, without hashes and signatures."""
        room = self.room(room_id)
        previous = room["extremities"][-MOST_PREV_EVENTS:]
        needed = [("m.room.create", ""), ("m.room.power_levels", ""), ("m.room.member", sender)]
        if kind == "m.room.member":
            needed += [("m.room.join_rules", "")] + ([("m.room.member", state_key)] if state_key != sender else [])
        auth = [room["state"][each + "\0" + key] for each, key in needed if each + "\0" + key in room["state"]]
        depths = [row[0] for each in previous
                  if (row := self.store.one("SELECT depth FROM events WHERE id = ?", each)) is not None]
        event = {"auth_events": auth, "content": content, "depth": max(depths, default=0) + 1,
                 "origin_server_ts": self.clock.now(), "prev_events": previous, "room_id": room_id, "sender": sender,
                 "type": kind}
        if state_key is not None:
            event["state_key"] = state_key
        return event

    def make(self, room_id, sender, kind, content, state_key=None):
        """Makes, signs and adds an event of our own; returns (id, number)."""
        version = self.room(room_id)["version"]
        event = sign_event(self.template(room_id, sender, kind, content, state_key), self.key, version)
        event["unsigned"] = {"age_ts": event["origin_server_ts"]}
        identifier = event_id(event, version)
        return identifier, self.add(identifier, event)

    def create(self, room_id, creator, version):
        self.keep_room(room_id, {"version": version, "state": {}, "extremities": []})
        about = {"room_version": version} if version == "11" else {"room_version": version, "creator": creator}
        self.make(room_id, creator, "m.room.create", about, "")
        self.make(room_id, creator, "m.room.member", {"membership": "join"}, creator)
        self.make(room_id, creator, "m.room.power_levels", {"users": {creator: 100}}, "")
        self.make(room_id, creator, "m.room.join_rules", {"join_rule": "public"}, "")

    def adopt(self, room_id, version, known):
        """A room of which only these event ids are known: what is needed to take recorded mail."""
        self.keep_room(room_id, {"version": version, "state": {}, "extremities": []})
        for identifier in known:
            self.store.run("INSERT OR IGNORE INTO events (id, room, depth, outlier, pdu) VALUES (?, ?, 0, 0, 'null')",
                           identifier, room_id)

    def before(self, latest, earliest, limit, min_depth=0):
        """Up to `limit` events that come before `latest`, walking back to `earliest`, oldest first."""
        found, edge, seen = [], list(latest), set(earliest) | set(latest)
        while edge and len(found) < limit:
            event = self.event(edge.pop(0))
            for each in event["prev_events"] if event else ():
                previous = self.event(each)
                if each in seen or previous is None or previous["depth"] < min_depth or len(found) == limit:
                    continue
                seen.add(each)
                edge.append(each)
                found.append(previous)
        return sorted(found, key=lambda event: event["depth"])

    def auth_chain(self, identifiers):
        chain, edge = [], list(identifiers)
        while edge:
            event = self.event(edge.pop())
            for each in event["auth_events"] if event else ():
                if each not in chain:
                    chain.append(each)
                    edge.append(each)
        return chain
