#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in homeserver does what was measured at real ones: a check for each of those facts.

    homeserverfacts.py

Here: recorded transactions, keys, and what outlives a kill.
"""

import base64
import glob
import json
import os
import subprocess
import sys
import tempfile

from homeserver import InThread, Process
from homeserverevents import event_id
from homeserverfactsparts import ALICE, BOB, HOUR_MS, Front, Room, Stranger, replay, send_raw, statuses
from homeserverfactsreceiving import RECEIVING
from homeserverfactssending import SENDING
from homeserverkeys import DAY_MS
from restanted import run_cases

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "captures")


def captures():
    found = []
    for name in sorted(glob.glob(os.path.join(CAPTURES, "txn-*.json"))):
        with open(name, encoding="utf-8") as file:
            found.append(json.load(file))
    assert len(found) == 45
    return found


def captured_homeserver(**options):
    """B as it was, with the room of the captures: what these build on is known, what they hold is not."""
    all_of_them = captures()
    first = all_of_them[0]["meta"]
    pdus = [pdu for each in all_of_them for pdu in json.loads(each["body_utf8"])["pdus"]]
    by_room = {}
    for pdu in pdus:
        by_room.setdefault(pdu["room_id"], []).append(pdu)
    home = InThread(name=first["destination"], clock=first["received_ms"], processing_ms=0, **options)
    with open(os.path.join(CAPTURES, "keys", "localhost_18448.json"), encoding="utf-8") as file:
        assert home.add_key_document(document=json.load(file))
    for room_id, of_room in by_room.items():
        named = {each for pdu in of_room for each in pdu["prev_events"] + pdu["auth_events"]}
        home.adopt_room(room=room_id, version="11", known=sorted(named - {event_id(pdu, "11") for pdu in of_room}))
    return home, all_of_them, pdus


def replay_capture(home, capture, headers=None):
    return send_raw(home.port, capture["method"], capture["path"], headers or capture["headers"],
                    base64.b64decode(capture["body_b64"]))


def all_captured_transactions_are_accepted_in_order():
    home, all_of_them, pdus = captured_homeserver()
    with home:
        answers = [replay_capture(home, each) for each in all_of_them]
        assert statuses(answers) == [200] * 45, statuses(answers)
        previous = {each for pdu in pdus for each in pdu["prev_events"]}
        assert len(previous & {event_id(pdu, "11") for pdu in pdus}) == 82, "event ids are the ones of a Synapse"
        results = [result for _, answer in answers for result in answer["pdus"].values()]
        assert results == [{}] * len(pdus), [each for each in results if each]
        home.settled()
        accepted = home.records(kind="pdu")
        assert [each["id"] for each in accepted] == [event_id(pdu, "11") for pdu in pdus]
        assert len(home.records(kind="m.direct_to_device")) == 11
        assert not home.records(kind="dropped") and not home.records(kind="failure")
        before = len(home.records())
        again = [replay_capture(home, each) for each in all_of_them]
        assert again == answers and len(home.records()) == before


def captured_transactions_are_refused_when_a_byte_or_the_time_is_wrong():
    home, all_of_them, _ = captured_homeserver()
    with home:
        capture = all_of_them[1]
        without = [each for each in capture["headers"] if each[0] != "Authorization"]
        status, answer = replay_capture(home, capture, without)
        assert (status, answer["errcode"]) == (401, "M_UNAUTHORIZED")
        body = base64.b64decode(capture["body_b64"])
        other = body.replace(b'"body":"hi"', b'"body":"ho"')
        assert other != body
        assert send_raw(home.port, "PUT", capture["path"], capture["headers"], other)[0] == 401
        assert send_raw(home.port, "PUT", capture["path"] + "0", capture["headers"], body)[0] == 401
        home.clock(forward_ms=DAY_MS)  # A cannot be asked for a newer document
        assert replay_capture(home, capture)[0] == 401
        home.clock(forward_ms=-DAY_MS)
        assert replay_capture(home, capture)[0] == 200


def captured_bodies_have_no_edus_member_26_times():
    assert sum("edus" not in json.loads(each["body_utf8"]) for each in captures()) == 26


def keys_decide_what_is_accepted_while_the_origin_is_away():
    with Room() as room:
        held, _ = room.hold("one", "two", "three", "four")
        assert replay(room.b, held[0])[0] == 200, "cached and valid"
        room.b.forget_keys(server="a.test")
        status, answer = replay(room.b, held[1])
        assert (status, answer["errcode"]) == (401, "M_UNAUTHORIZED"), "no key"
        room.front.document = old = room.a.key_document()
        room.b.options(addresses={"a.test": room.front.address})
        assert replay(room.b, held[1])[0] == 200, "the front serves A's document"
        room.b.clock(forward_ms=2 * DAY_MS)
        assert replay(room.b, held[2])[0] == 401, "only an expired document can be served"
        room.b.options(addresses={})
        assert replay(room.b, held[2])[0] == 401, "the cached key has expired"
        room.a.clock(forward_ms=2 * DAY_MS)
        room.b.options(addresses=room.names)
        assert replay(room.b, held[2])[0] == 200, "A is back, the same request"
        assert room.a.key_document()["valid_until_ts"] > old["valid_until_ts"]
        room.a.rotate_key(key_id="ed25519:a_new")
        room.b.forget_keys(server="a.test")
        room.b.clock(forward_ms=1000)
        assert replay(room.b, held[3])[0] == 401, "A has another key now"
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        assert c.send(room.b, json.loads(held[3].body)["pdus"])[1]["pdus"] != {}
        assert len(room.arrived()) == 4, "events of the old key can still come under another identity"


def a_trusted_notary_is_believed_even_for_servers_it_was_not_asked_about():
    front, a, c = Front(), Stranger("a.test"), Stranger("c.test")
    with InThread(name="b.test", processing_ms=0, notaries=["n.test"], addresses={"n.test": front.address}) as b:
        front.answers["/key/v2/query"] = {"server_keys": [a.key.document(), c.key.document()]}
        assert a.send(b)[0] == 200
        question, = front.wait(1, asked=True)
        asked = json.loads(question.body)["server_keys"]
        assert list(asked) == ["a.test"] and list(asked["a.test"]) == ["ed25519:c"]
        front.answers.clear()
        assert c.send(b)[0] == 200, "nobody was asked about c.test"
        assert len(front.asked) == 1
    front.stop()


def a_key_document_is_signed_again_when_less_than_half_a_day_remains():
    with InThread(name="b.test") as b:
        first = b.key_document()
        b.clock(forward_ms=11 * HOUR_MS)
        assert b.key_document() == first
        b.clock(forward_ms=2 * HOUR_MS)
        assert b.key_document()["valid_until_ts"] >= first["valid_until_ts"] + 13 * HOUR_MS - 1000
        status, served = send_raw(b.port, "GET", "/_matrix/key/v2/server", [("Host", "b.test")], b"")
        assert status == 200 and served == b.key_document()


def kill_and_restart_keep_what_the_database_keeps():
    with tempfile.TemporaryDirectory() as folder:
        b = Process(folder, name="b.test", processing_ms=0)
        try:
            c = Stranger()
            assert b.add_key_document(document=c.key.document())
            document, port = b.key_document(), b.port
            assert c.send(b, edus=[c.to_device("m1")], txn="t1")[0] == 200
            b.kill()
            b.start()
            assert b.port == port and b.key_document()["verify_keys"] == document["verify_keys"]
            assert c.send(b, edus=[c.to_device("m2")], txn="t1") == (200, {"pdus": {}})
            assert c.send(b, edus=[c.to_device("m1")], txn="t2")[0] == 200
            assert [each["id"] for each in b.records(kind="m.direct_to_device", count=1)] == ["m1"]
        finally:
            b.stop()


def an_event_that_was_being_taken_in_at_a_kill_is_taken_in_afterwards():
    front = Front()
    with tempfile.TemporaryDirectory() as folder:
        a = InThread(name="a.test", processing_ms=0)
        b = Process(folder, name="b.test", processing_ms=0, addresses={"a.test": front.address})
        try:
            a.options(addresses={"b.test": b.address})
            b.options(addresses={"a.test": a.address})
            room = a.create_room(creator=ALICE)
            b.join(room=room, user=BOB, via="a.test")
            b.options(addresses={"a.test": front.address})
            a.options(addresses={"b.test": front.address})
            ids = [a.say(room=room, sender=ALICE, text=text) for text in ("one", "two")]
            a.all_sent(destination="b.test")
            first, second = [a.event(event=each) for each in ids]
            held = front.held[-1]
            assert json.loads(held.body)["pdus"][-1] == second
            front.pause()
            assert replay(b, held)[0] == 200
            front.wait(1, asked=True)
            b.kill()
            front.answers["get_missing_events"] = {"events": [first]}
            front.go_on()
            b.start()
            b.has(event=ids[1])
            b.settled()
            assert b.timeline(room=room)[-2:] == ids and not b.records(kind="dropped")
        finally:
            a.stop()
            b.stop()
    front.stop()


def with_a_certificate_it_speaks_tls():
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=b.test", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        with InThread(name="b.test", tls_certificate=certificate, tls_key=key) as b, InThread(
                name="a.test", addresses={"b.test": f"https://{b.address}"}) as a:
            b.options(addresses={"a.test": a.address})
            message = a.to_device(sender=ALICE, user=BOB, device="D", content={})
            assert [each["id"] for each in b.records(kind="m.direct_to_device", count=1)] == [message]


if __name__ == "__main__":
    sys.exit(run_cases([
        all_captured_transactions_are_accepted_in_order,
        captured_transactions_are_refused_when_a_byte_or_the_time_is_wrong,
        captured_bodies_have_no_edus_member_26_times,
        keys_decide_what_is_accepted_while_the_origin_is_away,
        a_trusted_notary_is_believed_even_for_servers_it_was_not_asked_about,
        a_key_document_is_signed_again_when_less_than_half_a_day_remains,
        kill_and_restart_keep_what_the_database_keeps,
        an_event_that_was_being_taken_in_at_a_kill_is_taken_in_afterwards,
        with_a_certificate_it_speaks_tls,
        *RECEIVING,
        *SENDING,
    ]))
