# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of homeserverfacts.py about what the stand-in homeserver sends, and when it does not."""

import glob
import json
import os
import re
import tempfile

from homeserver import InThread, Process
from homeserverfactsparts import ALICE, BACKOFF_MS, BOB, HOUR_MS, Front, Room, Stranger, replay
from homeserverkeys import canonical_json

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "captures")
X_MATRIX = r'X-Matrix origin="a\.test",key="ed25519:a_test",sig="[A-Za-z0-9+/]{86}",destination="b\.test"'
# Requests that put a destination into back-off when they fail, with arguments, and those that do not.
COUNTING = [("keys_claim", [BOB, "D"]), ("keys_query", [BOB]), ("user_devices", [BOB]), ("media", ["m"]),
            ("make_join", ["!r:b.test", ALICE]), ("profile_refresh", [BOB]), ("event", ["$e"]),
            ("state_ids", ["!r:b.test", "$e"]), ("backfill", ["!r:b.test", "$e"]),
            ("get_missing_events", ["!r:b.test", {}])]
NOT_COUNTING = [("profile", [BOB]), ("directory", ["#a:b.test"]), ("invite", ["!r:a.test", "$e", {}])]


def alone(**options):
    """A whose b.test is a front, with the front."""
    front = Front()
    return front, InThread(name="a.test", processing_ms=0, addresses={"b.test": front.address}, **options)


def ping(a, destination="b.test", number=0):
    return a.to_device(sender=ALICE, user=f"@bob:{destination}", device="D", content={"n": number})


def captured_header_names(pattern):
    with open(sorted(glob.glob(os.path.join(CAPTURES, pattern)))[0], "rb") as file:
        text = file.read()
    if pattern.endswith(".json"):
        return [name for name, _ in json.loads(text)["headers"]]
    return [line.split(b":")[0].decode() for line in text.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]]


def transactions_look_like_the_captured_ones():
    with Room() as room:
        room.hold("ünï \u0001 🐳")
        room.a.typing(room=room.id, user=ALICE)
        room.front.wait(2)
        room.a.receipt(room=room.id, user=ALICE, event=room.before[-1])
        held = room.front.wait(3)
        for number, each in enumerate(held):
            body = json.loads(each.body)
            assert each.body == canonical_json(body)
            assert list(body) == (["origin", "origin_server_ts", "pdus"] if number == 0 else
                                  ["edus", "origin", "origin_server_ts", "pdus"])
            assert [name for name, _ in each.headers] == captured_header_names("txn-*.json")
            assert re.fullmatch(X_MATRIX, each.all("authorization")[0]) and each.all("host") == ["b.test"]
            assert each.target.startswith("/_matrix/federation/v1/send/") and each.target.rsplit("/", 1)[1].isdecimal()
        with open(glob.glob(os.path.join(CAPTURES, "txn-002*.json"))[0], encoding="utf-8") as file:
            captured, = json.loads(json.load(file)["body_utf8"])["pdus"]
        assert list(json.loads(held[0].body)["pdus"][0]) == list(captured)
        assert room.front.peers == 1, "all on one kept-alive connection"


def a_burst_goes_in_transactions_of_50_one_at_a_time():
    with Room() as room:
        room.everybody("b is away")
        room.front.pause()
        ids = [room.a.say(room=room.id, sender=ALICE, text=str(number)) for number in range(62)]
        room.front.wait(1)
        assert len(room.front.held) == 1
        room.front.go_on()
        held = room.front.wait(3)
        assert [len(json.loads(each.body)["pdus"]) for each in held] == [1, 50, 11]
        assert [event for each in room.a.attempts(destination="b.test")[-3:] for event in each["events"]] == ids
        assert [each["status"] for each in room.a.attempts(count=3)][-3:] == [200] * 3


def whatever_is_not_2xx_on_send_makes_it_wait_ten_minutes():
    for status in (400, 401, 403, 404, 429, 500, 502, 503, 0):
        front, a = alone(clock_still=True, clock=1_800_000_000_000)
        with a:
            front.status = status
            ping(a)
            backoff = a.backoff(destination="b.test", wait=True)
            assert backoff == {"until": 1_800_000_000_000 + BACKOFF_MS, "length": BACKOFF_MS}, status
            ping(a, number=1)
            front.status = 200
            a.clock(forward_ms=BACKOFF_MS - 1)
            assert a.request(destination="b.test", name="keys_query", arguments=[BOB])["status"] is None
            assert len(front.held) == 1, "nothing is sent during a back-off"
            a.clock(forward_ms=1)
            first, second = front.wait(2)
            a.all_sent(destination="b.test")
            assert [each["at"] for each in a.attempts()] == [1_800_000_000_000, 1_800_000_000_000 + BACKOFF_MS]
            assert first.target != second.target, "each attempt has an id of its own"
            assert len(json.loads(second.body)["edus"]) == 2 and a.backoff(destination="b.test") is None
        front.stop()


def a_backoff_doubles_up_to_seven_days():
    front, a = alone(clock_still=True, clock=1_800_000_000_000)
    with a:
        front.status = 503
        ping(a)
        lengths = []
        for number in range(1, 13):
            front.wait(number)
            a.attempts(count=number)
            lengths.append(a.backoff(destination="b.test", wait=True)["length"])
            a.clock(forward_ms=lengths[-1])
        assert lengths == [min(BACKOFF_MS << each, 7 * 24 * 3600 * 1000) for each in range(12)]
        assert lengths[-1] == lengths[-2]
    front.stop()


def an_answer_that_is_no_object_counts_as_a_failure():
    for body in (b"null", b"", b"<html>"):
        front, a = alone()
        with a:
            front.body = body
            ping(a)
            assert a.backoff(destination="b.test", wait=True)["length"] == BACKOFF_MS
        front.stop()


def side_requests_that_fail_make_it_wait_and_404_does_not():
    front, a = alone()
    with a:
        for name, arguments in COUNTING:
            for status in (404, 403, 400, 401, 429, 500, 502, 503, 0):
                front.others = status
                assert a.request(destination="b.test", name=name, arguments=arguments)["status"] == status
                backoff = a.backoff(destination="b.test")
                assert (backoff is not None) == (status not in (404, 403, 400)), (name, status)
                a.end_backoff(destination="b.test")
    front.stop()


def client_lookups_aliases_and_invites_never_make_it_wait():
    front, a = alone()
    with a:
        for name, arguments in NOT_COUNTING:
            for status in (404, 401, 502, 0):
                front.others = status
                assert a.request(destination="b.test", name=name, arguments=arguments)["status"] == status
                assert a.backoff(destination="b.test") is None, (name, status)
        front.others = 502
        a.request(destination="b.test", name="keys_claim", arguments=[BOB, "D"])
        count = len(front.asked)
        assert a.request(destination="b.test", name="profile", arguments=[BOB])["status"] == 502
        assert len(front.asked) == count + 1, "they are sent even during a back-off"
    front.stop()


def a_request_of_that_server_or_a_reset_ends_a_backoff():
    for is_reset in (False, True):
        front, a = alone()
        with a:
            front.status = 502
            ping(a)
            a.backoff(destination="b.test", wait=True)
            front.status = 200
            if is_reset:
                a.end_backoff(destination="b.test")
            else:
                b = Stranger("b.test")
                assert a.add_key_document(document=b.key.document())
                assert b.request(a, "GET", "/_matrix/federation/v1/event/%24x", destination="a.test")[0] == 404
            front.wait(2)
            a.all_sent(destination="b.test")
            assert a.backoff(destination="b.test") is None
        front.stop()


def after_a_refusal_only_the_newest_event_of_each_room_follows():
    with Room() as room:
        other = room.a.create_room(creator=ALICE)
        room.b.join(room=other, user=BOB, via="a.test")
        room.everybody("b is away")
        room.front.status = 503
        ids = [room.a.say(room=room.id, sender=ALICE, text="first")]
        room.a.backoff(destination="b.test", wait=True)
        ids += [room.a.say(room=room.id, sender=ALICE, text=text) for text in ("second", "third")]
        elsewhere = [room.a.say(room=other, sender=ALICE, text=text) for text in ("fourth", "fifth")]
        room.a.options(addresses=room.names)
        room.b.options(addresses=room.names)
        room.a.end_backoff(destination="b.test")
        room.a.all_sent(destination="b.test")
        sent = [each["events"] for each in room.a.attempts(destination="b.test") if each["status"] == 200]
        assert sent[-2:] == [[ids[-1]], [elsewhere[-1]]], sent
        assert room.arrived() == ids, "B asks for what it lacks"
        assert room.b.timeline(room=other)[-2:] == elsewhere


def a_back_off_of_other_requests_keeps_all_events_in_memory_for_an_hour():
    for length, expected in ((BACKOFF_MS, 2), (2 * HOUR_MS, 1)):
        with Room() as room:
            room.everybody("b is away")
            room.hold("before")
            room.a.options(first_backoff_ms=length)
            room.front.others = 502
            room.a.request(destination="b.test", name="keys_claim", arguments=[BOB, "D"])
            for text in ("one", "two"):
                room.a.say(room=room.id, sender=ALICE, text=text)
            assert room.a.backoff(destination="b.test")["length"] == length
            room.a.clock(forward_ms=length)
            held = room.front.wait(2)
            room.a.all_sent(destination="b.test")
            assert len(json.loads(held[1].body)["pdus"]) == expected and len(room.front.held) == 2


def a_restart_keeps_back_off_and_to_device_messages_but_only_the_newest_event():
    front = Front()
    with tempfile.TemporaryDirectory() as folder:
        b = InThread(name="b.test", processing_ms=0)
        a = Process(folder, name="a.test", processing_ms=0, addresses={"b.test": front.address})
        try:
            b.options(addresses={"a.test": a.address})
            front.document = b.key_document()
            room = a.create_room(creator=ALICE)
            b.join(room=room, user=BOB, via="a.test")
            a.say(room=room, sender=ALICE, text="one")
            front.wait(1)
            a.all_sent(destination="b.test")
            front.others = 502
            a.request(destination="b.test", name="keys_claim", arguments=[BOB, "D"])
            before = a.backoff(destination="b.test")
            assert before is not None
            message = ping(a)
            a.typing(room=room, user=ALICE)
            newest = [a.say(room=room, sender=ALICE, text=text) for text in ("two", "three")][-1]
            a.kill()
            a.start()
            assert a.backoff(destination="b.test") == before
            assert len(front.held) == 1
            a.clock(forward_ms=BACKOFF_MS)
            held = [json.loads(each.body) for each in front.wait(3)[1:]]
            a.all_sent(destination="b.test")
            assert [each["events"] for each in a.attempts()] == [[newest], []]
            assert [each["content"]["message_id"] for each in held[1]["edus"]] == [message], "typing is forgotten"
            assert len(front.held) == 3
        finally:
            a.stop()
            b.stop()
    front.stop()


def through_the_hook_a_request_looks_like_the_captured_ones():
    front = Front()
    hosts = {"b.test": "b.test:80", "b.test:8448": "b.test:8448", "[2001:db8::7]": "[2001:db8::7]:80",
             "[2001:db8::7]:8448": "[2001:db8::7]:8448", "127.0.0.12": "127.0.0.12:80"}
    with InThread(name="a.test", hook=front.address, hook_secret="hook-secret") as a:
        for number, (destination, host) in enumerate(hosts.items(), 1):
            ping(a, destination)
            request = front.wait(number)[-1]
            assert [name for name, _ in request.headers] == captured_header_names("hook/004-*.request")
            assert request.target.startswith(f"matrix-federation://{destination}/_matrix/federation/v1/send/")
            assert request.all("host") == [host] and request.all("connection") == ["close"]
            assert request.all("proxy-authorization") == ["Bearer hook-secret"]
        for number, name in enumerate(["devices", "keys-query", "keys-claim"], 1):
            arguments = {"devices": [BOB], "keys-query": ["@stranger0:b.test"], "keys-claim": [BOB, "ILIYLSIHIO"]}[name]
            a.request(destination="b.test", name={"devices": "user_devices"}.get(name, name.replace("-", "_")),
                      arguments=arguments)
            request = front.wait(number, asked=True)[-1]
            pattern = os.path.join(CAPTURES, "hook", f"01[234]-user-{name}.request")
            with open(glob.glob(pattern)[0], "rb") as file:
                head, _, body = file.read().partition(b"\r\n\r\n")
            assert f"{request.method} {request.target} HTTP/1.1".encode() == head.split(b"\r\n")[0]
            assert request.body == body
    front.stop()


def what_the_hook_recorded_is_accepted_and_nothing_without_its_header():
    front = Front()
    with InThread(name="a.test", hook=front.address) as a, InThread(name="b.test", processing_ms=0) as b:
        b.add_key_document(document=a.key_document())
        messages = [ping(a, number=1)]
        front.wait(1)
        messages.append(ping(a, number=2))
        for request in front.wait(2):
            request.target = request.target.removeprefix("matrix-federation://b.test")
            assert replay(b, request, header="")[0] == 401
            assert replay(b, request)[0] == 200
        assert [each["id"] for each in b.records(kind="m.direct_to_device")] == messages
    front.stop()


def a_hook_that_refuses_connections_is_tried_again_without_a_backoff():
    gone = Front()
    gone.stop()
    with InThread(name="a.test", hook=gone.address, clock=1_800_000_000_000, clock_still=True) as a:
        ping(a)
        a.waiting_for_hook(times=1)
        a.clock(forward_ms=6000)
        a.waiting_for_hook(times=2)
        assert a.backoff(destination="b.test") is None
        front = Front(gone.port)
        a.clock(forward_ms=16000)
        front.wait(1)
        a.all_sent(destination="b.test")
        assert [each["status"] for each in a.attempts()] == [200]
    front.stop()


def inner_tries_repeat_the_same_bytes_under_the_same_id():
    front, a = alone(inner_tries=2)
    with a:
        front.status = 502
        ping(a)
        held = front.wait(3)
        a.backoff(destination="b.test", wait=True)
        assert len({(each.target, each.body) for each in held}) == 1 and len(front.held) == 3
        front.status = 401
        a.end_backoff(destination="b.test")
        front.wait(4)
        a.backoff(destination="b.test", wait=True)
        assert len(front.held) == 4, "a 401 is not repeated"
    front.stop()


def what_other_servers_ask_is_answered_from_its_own_state():
    with Room() as room:
        room.b.user(user=BOB, devices=["D"], displayname="Bob")
        ask = lambda name, *arguments: json.loads(
            room.a.request(destination="b.test", name=name, arguments=arguments)["body"])
        assert [each["device_id"] for each in ask("user_devices", BOB)["devices"]] == ["D"]
        assert list(ask("keys_query", BOB)["device_keys"][BOB]) == ["D"]
        assert list(ask("keys_claim", BOB, "D")["one_time_keys"][BOB]) == ["D"]
        assert ask("profile", BOB) == {"displayname": "Bob"}
        assert ask("profile", "@nobody:b.test")["errcode"] == "M_NOT_FOUND"
        said = [room.b.say(room=room.id, sender=BOB, text=text) for text in ("one", "two")]
        events = [room.b.event(event=each) for each in said]
        assert ask("event", said[0])["pdus"] == events[:1]
        assert ask("backfill", room.id, said[1])["pdus"][:2] == events[::-1]
        assert ask("get_missing_events", room.id, {"earliest_events": room.before[-1:], "latest_events": said[1:],
                                                   "limit": 10})["events"] == events[:1]
        state = ask("state_ids", room.id, said[1])
        assert room.before[-1] in state["pdu_ids"] and state["auth_chain_ids"]
        assert ask("make_join", room.id, ALICE)["event"]["prev_events"] == said[1:]
        stranger = Stranger()
        room.b.add_key_document(document=stranger.key.document())
        assert stranger.request(room.b, "GET", "/_matrix/federation/v1/event/" + said[0].replace("$", "%24"))[0] == 403


SENDING = [
    transactions_look_like_the_captured_ones,
    a_burst_goes_in_transactions_of_50_one_at_a_time,
    whatever_is_not_2xx_on_send_makes_it_wait_ten_minutes,
    a_backoff_doubles_up_to_seven_days,
    an_answer_that_is_no_object_counts_as_a_failure,
    side_requests_that_fail_make_it_wait_and_404_does_not,
    client_lookups_aliases_and_invites_never_make_it_wait,
    a_request_of_that_server_or_a_reset_ends_a_backoff,
    after_a_refusal_only_the_newest_event_of_each_room_follows,
    a_back_off_of_other_requests_keeps_all_events_in_memory_for_an_hour,
    a_restart_keeps_back_off_and_to_device_messages_but_only_the_newest_event,
    through_the_hook_a_request_looks_like_the_captured_ones,
    what_the_hook_recorded_is_accepted_and_nothing_without_its_header,
    a_hook_that_refuses_connections_is_tried_again_without_a_backoff,
    inner_tries_repeat_the_same_bytes_under_the_same_id,
    what_other_servers_ask_is_answered_from_its_own_state,
]
