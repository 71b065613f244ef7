# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in homeserver answers: its routes, with the checks that come before each."""

import json
from urllib.parse import parse_qs, unquote

from homeserverevents import event_id, is_signed_by_sender, sign_event
from homeserverhttp import Dropped, Response
from homeserverkeys import Refused, authenticate, canonical_json, domain_of

NOT_FOUND = Refused(404, "M_NOT_FOUND", "Not found")
UNSIGNED = {"/_matrix/key/v2/server", "/_matrix/federation/v1/version"}


def reject_constant(text):
    raise ValueError(f"{text} is no JSON")


def json_object(body):
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=reject_constant)
    except ValueError as error:
        raise Refused(400, "M_NOT_JSON", "Content not JSON.") from error
    if not isinstance(content, dict):
        raise Refused(400, "M_BAD_JSON", "Content must be a JSON object.")
    return content


class Answers:
    def __init__(self, homeserver):
        self.home = homeserver
        self.requests = []  # as they came: what a test reads
        self.instead = []  # [part of the target, status, how often left]: a test's answers, 0 drops the connection
        self.devices = {}  # user: [device id]
        self.profiles = {}  # user: {"displayname": …}

    async def answer(self, request):
        self.requests.append({"method": request.method, "target": request.target, "headers": request.headers})
        self.home.changed()
        for each in self.instead:
            if each[0] in request.target and each[2] > 0:
                each[2] -= 1
                if each[1] == 0:
                    raise Dropped
                return Response(each[1], canonical_json({"errcode": "M_UNKNOWN", "error": "As the test wants it"}))
        try:
            status, value = await self._answer(request)
        except Refused as refused:
            status, value = refused.status, refused.body()
        except Exception:  # whatever a stranger's request leads to
            status, value = 500, {"errcode": "M_UNKNOWN", "error": "Internal server error"}
        return Response(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())

    async def _answer(self, request):
        home = self.home
        path, _, query = request.target.partition("?")
        if path in UNSIGNED and request.method == "GET":
            if path.endswith("server"):
                return 200, home.key.document()
            return 200, {"server": {"name": "Synapse", "version": "1.160.0"}}
        content = json_object(request.body) if request.method in ("PUT", "POST") else None
        origin = await authenticate(request, content, home.name, home.keys, home.clock.now(), home.options["whitelist"])
        home.sending.end_backoff(origin)
        root, matrix, federation, version, *parts = [unquote(each) for each in path.split("/")]
        if (root, matrix, federation) != ("", "_matrix", "federation") or version not in ("v1", "v2"):
            raise Refused(404, "M_UNRECOGNIZED", "Unrecognized request")
        if request.method == "PUT" and parts[0] == "send" and len(parts) == 2:
            return await home.receiving.transaction(origin, parts[1], content)
        words = 2 if parts[0] in ("user", "query", "media") else 1
        route = getattr(self, "_".join(["", request.method.lower(), *parts[:words]]), None)
        if route is None:
            raise Refused(404, "M_UNRECOGNIZED", "Unrecognized request")
        values = {name: each[-1] for name, each in parse_qs(query).items()}
        return await route(origin, parts[words:], values, content)

    def _room(self, origin, room_id):
        """A room that the asking server is in."""
        room = self.home.rooms.room(room_id)
        if room is None:
            raise Refused(404, "M_NOT_FOUND", "Unknown room")
        if self.home.rooms.is_banned(origin, room_id) or (
                room["state"] and origin not in self.home.rooms.servers(room_id)):
            raise Refused(403, "M_FORBIDDEN", "Host not in room.")
        return room

    def _transaction(self, events):
        return 200, {"origin": self.home.name, "origin_server_ts": self.home.clock.now(), "pdus": events}

    async def _post_get_missing_events(self, origin, parts, query, content):
        self._room(origin, parts[0])
        return 200, {"events": self.home.rooms.before(content["latest_events"], content["earliest_events"],
                                                      min(content.get("limit", 10), 20), content.get("min_depth", 0))}

    async def _get_event(self, origin, parts, query, content):
        event = self.home.rooms.event(parts[0])
        if event is None:
            raise NOT_FOUND
        self._room(origin, event["room_id"])
        return self._transaction([event])

    async def _get_state_ids(self, origin, parts, query, content):
        room = self._room(origin, parts[0])
        if not self.home.rooms.is_known(query["event_id"]):
            raise NOT_FOUND
        ids = list(room["state"].values())
        return 200, {"auth_chain_ids": self.home.rooms.auth_chain(ids), "pdu_ids": ids}

    async def _get_backfill(self, origin, parts, query, content):
        self._room(origin, parts[0])
        event = self.home.rooms.event(query["v"])
        earlier = self.home.rooms.before([query["v"]], [], int(query["limit"]) - 1)
        return self._transaction([*([event] if event else []), *reversed(earlier)])

    async def _get_make_join(self, origin, parts, query, content):
        room_id, user = parts
        room = self.home.rooms.room(room_id)
        if room is None:
            raise NOT_FOUND
        if self.home.rooms.is_banned(origin, room_id) or domain_of(user) != origin:
            raise Refused(403, "M_FORBIDDEN", "You are not invited to this room.")
        return 200, {"event": self.home.rooms.template(room_id, user, "m.room.member", {"membership": "join"}, user),
                     "room_version": room["version"]}

    async def _put_send_join(self, origin, parts, query, content):
        rooms, room_id = self.home.rooms, parts[0]
        room = rooms.room(room_id)
        identifier = event_id(content, room["version"])
        if not await is_signed_by_sender(content, self.home.keys, room["version"]) or content["room_id"] != room_id:
            raise Refused(403, "M_FORBIDDEN", "Invalid signature")
        state = list(room["state"].values())
        self.home.sending.send_event(identifier, rooms.add(identifier, content), rooms.servers(room_id) - {origin})
        return 200, {"event": content, "members_omitted": False, "state": [rooms.event(each) for each in state],
                     "auth_chain": [rooms.event(each) for each in rooms.auth_chain(state)]}

    async def _get_user_devices(self, origin, parts, query, content):
        user = parts[0]
        devices = [{"device_id": each, "keys": {"device_id": each, "user_id": user, "algorithms": [], "keys": {}}}
                   for each in self.devices.get(user, [])]
        return 200, {"user_id": user, "stream_id": 1, "devices": devices, "master_key": None, "self_signing_key": None}

    async def _post_user_keys(self, origin, parts, query, content):
        if parts == ["query"]:
            keys = {user: {each: {"device_id": each, "user_id": user, "algorithms": [], "keys": {}, "unsigned": {}}
                           for each in self.devices.get(user, [])} for user in content["device_keys"]}
            return 200, {"device_keys": keys, "master_keys": {}, "self_signing_keys": {}, "user_signing_keys": {}}
        claimed = {user: {each: {"signed_curve25519:AAAAAQ": {"key": "k", "signatures": {}}} for each in wanted
                          if each in self.devices.get(user, [])} for user, wanted in content["one_time_keys"].items()}
        return 200, {"one_time_keys": claimed}

    async def _put_invite(self, origin, parts, query, content):
        event, version = content["event"], content["room_version"]
        if domain_of(event["state_key"]) != self.home.name:
            raise Refused(400, "M_INVALID_PARAM", "The invite event must be for this server")
        unsigned = event.pop("unsigned", {})
        return 200, {"event": {**sign_event(event, self.home.key, version), "unsigned": unsigned}}

    async def _get_media_download(self, origin, parts, query, content):
        raise NOT_FOUND

    async def _get_query_directory(self, origin, parts, query, content):
        raise NOT_FOUND

    async def _get_query_profile(self, origin, parts, query, content):
        if query["user_id"] not in self.profiles:
            raise NOT_FOUND
        return 200, self.profiles[query["user_id"]]
