# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of homeserverfacts.py about what the stand-in homeserver does with the transactions that it gets."""

import json
import threading

from homeserver import InThread
from homeserverfactsparts import ALICE, BOB, DORA, Front, Room, Stranger, replay, send_raw, statuses
from homeserverkeys import DAY_MS


def held_transactions_are_accepted_as_they_came_and_twice_is_harmless():
    with Room() as room:
        held, ids = room.hold("one", "two", "three")
        room.a.to_device(sender=ALICE, user=BOB, device="D", content={"n": 1})
        held = room.front.wait(len(held) + 1)
        assert room.a.backoff(destination="b.test") is None
        room.b.options(addresses=room.names)  # for A's key
        answers = [replay(room.b, each) for each in held]
        assert statuses(answers) == [200] * 4 and [answer["pdus"] for _, answer in answers] == [
            *({each: {}} for each in ids), {}]
        assert [replay(room.b, each) for each in held] == answers
        assert room.arrived() == ids
        assert len(room.b.records(kind="m.direct_to_device")) == 1


def a_transaction_id_is_remembered_for_24_hours_whatever_it_holds():
    with InThread(name="b.test", processing_ms=0) as b:
        c = Stranger()
        b.add_key_document(document=c.key.document())
        assert c.send(b, edus=[c.to_device("m1")], txn="same")[0] == 200
        assert c.send(b, edus=[c.to_device("m1"), c.to_device("m2")], txn="same") == (200, {"pdus": {}})
        assert [each["id"] for each in b.records(kind="m.direct_to_device")] == ["m1"]
        b.clock(forward_ms=DAY_MS + 1)
        assert c.send(b, edus=[c.to_device("m1"), c.to_device("m2")], txn="same")[0] == 200
        assert [each["id"] for each in b.records(kind="m.direct_to_device")] == ["m1", "m2"]


def to_device_messages_are_remembered_for_7_days():
    with InThread(name="b.test", processing_ms=0) as b:
        c = Stranger()
        b.add_key_document(document=c.key.document())
        for number, forward in enumerate([0, 6 * DAY_MS, 2 * DAY_MS]):
            b.clock(forward_ms=forward)
            assert c.send(b, edus=[c.to_device("m1")])[0] == 200
            assert len(b.records(kind="m.direct_to_device")) == (1 if number < 2 else 2)


def under_another_identity_events_are_accepted_and_edus_dropped():
    with Room() as room:
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        held, ids = room.hold("one", "two")
        pdus = [pdu for each in held for pdu in json.loads(each.body)["pdus"]]
        edus = [{"edu_type": "m.direct_to_device", "content": {"message_id": "m", "messages": {}, "sender": ALICE,
                                                               "type": "m.test"}},
                {"edu_type": "m.typing", "content": {"room_id": room.id, "typing": True, "user_id": ALICE}},
                {"edu_type": "m.receipt", "content": {room.id: {"m.read": {ALICE: {"event_ids": [ids[0]]}}}}},
                {"edu_type": "m.presence", "content": {"push": [{"user_id": ALICE, "presence": "online"}]}},
                {"edu_type": "m.device_list_update", "content": {"user_id": ALICE, "device_id": "D"}}]
        room.b.clock(forward_ms=2 * DAY_MS)  # A is offline and its key has expired: an old copy is enough
        assert c.send(room.b, pdus, edus) == (200, {"pdus": {each: {} for each in ids}})
        assert room.arrived() == ids
        assert {(each["kind"], each["via"]) for each in room.b.records()} == {("pdu", "c.test")}


def for_gaps_the_origin_of_the_transaction_is_asked():
    with Room() as room:
        front = Front()
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        held, ids = room.hold("one", "two", "three")
        pdus = [json.loads(each.body)["pdus"][0] for each in held]
        room.b.options(addresses={"c.test": front.address})
        front.answers["get_missing_events"] = {"events": pdus[:2]}
        assert c.send(room.b, pdus[2:])[0] == 200
        assert room.arrived() == ids
        question, = front.wait(1, asked=True)
        asked = json.loads(question.body)
        assert question.target.endswith("/get_missing_events/" + room.id.replace("!", "%21").replace(":", "%3A"))
        assert asked == {"earliest_events": room.before[-1:], "latest_events": ids[2:], "limit": 10, "min_depth": 1}
        front.stop()


def two_transactions_of_an_origin_at_once_are_refused():
    with InThread(name="b.test", processing_ms=0) as b:
        c, other = Stranger(), Stranger("e.test")
        for each in (c, other):
            b.add_key_document(document=each.key.document())
        b.hold()
        answers = []
        threads = [threading.Thread(target=lambda number=number: answers.append(
            c.send(b, txn=f"t{number}"))) for number in range(8)]
        for each in threads:
            each.start()
        b.requests(contains="/send/", count=8)
        threads.append(threading.Thread(target=lambda: answers.append(other.send(b))))
        threads[-1].start()
        b.requests(contains="/send/", count=9)
        b.hold(closed=False)
        for each in threads:
            each.join(30)
        assert sorted(statuses(answers)) == [200, 200] + [429] * 7, answers


def a_gap_is_answered_with_200_dropped_and_the_id_used_up():
    with Room() as room:
        held, ids = room.hold("one", "two", "three")
        assert replay(room.b, held[2]) == (200, {"pdus": {ids[2]: {}}})
        assert room.arrived() == []
        assert [each["id"] for each in room.b.records(kind="dropped")] == [ids[2]]
        assert statuses([replay(room.b, each) for each in held]) == [200] * 3
        assert room.arrived() == ids[:2], "in order it does not help any more"
        room.b.clock(forward_ms=DAY_MS + 1)
        room.b.options(addresses=room.names)
        room.a.clock(forward_ms=DAY_MS + 1)
        assert replay(room.b, held[2])[0] == 200
        assert room.arrived() == ids, "after a day the id counts as new"


def hold_a_conversation(room):
    """A and D answer each other, eight messages; returns what was held of both and the ids, in order."""
    room.everybody("b is away")
    ids = []
    for number in range(4):
        for server, other, user in ((room.a, room.d, ALICE), (room.d, room.a, DORA)):
            ids.append(server.say(room=room.id, sender=user, text=f"{number} of {user}"))
            other.has(event=ids[-1])
            room.front.wait(len(ids))
    return room.front.held, ids


def messages_that_depend_on_each_other_need_their_order():
    with Room(third=True) as room:
        held, ids = hold_a_conversation(room)
        of = lambda name: [each for each in held if json.loads(each.body)["origin"] == name]
        for each in of("a.test") + of("d.test"):
            assert replay(room.b, each)[0] == 200
            room.b.settled()
        assert len(room.arrived()) == 2, "one sender after the other"
    with Room(third=True) as room:
        held, ids = hold_a_conversation(room)
        assert statuses([replay(room.b, each) for each in held]) == [200] * 8
        assert room.arrived() == ids, "in the order of arrival"
    with Room(third=True) as room:
        held, ids = hold_a_conversation(room)
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        pdus = sorted((pdu for each in held for pdu in json.loads(each.body)["pdus"]), key=lambda each: each["depth"])
        assert all(c.send(room.b, [pdu])[0] == 200 for pdu in pdus)
        assert room.arrived() == ids, "under another identity in the order of depth"


def answering_for_missing_events_makes_even_the_reverse_order_whole():
    with Room(third=True) as room:
        held, ids = hold_a_conversation(room)
        pdus = {each: json.loads(one.body)["pdus"][0] for each, one in zip(ids, held)}
        room.front.answers["get_missing_events"] = {"events": list(pdus.values())[:-1]}
        room.b.options(addresses={"a.test": room.front.address, "d.test": room.front.address})
        assert statuses([replay(room.b, each) for each in reversed(held)]) == [200] * 8
        assert room.arrived() == ids


def poisoned_transactions_get_500_and_their_other_edus_arrive():
    poison = [({"edu_type": "m.typing", "content": {}}, None),
              ({"edu_type": "m.direct_to_device", "content": {}}, None),
              ({"edu_type": "m.device_list_update", "content": {}}, None), ({"edu_type": "m.presence"}, None),
              (None, {"room_id": {}, "type": "m.x"})]
    with InThread(name="b.test", processing_ms=0) as b:
        c = Stranger()
        b.add_key_document(document=c.key.document())
        for number, (edu, pdu) in enumerate(poison):
            edus = [*([edu] if edu else []), c.to_device(f"m{number}")]
            for _ in range(2):  # nothing is remembered of it
                status, answer = c.send(b, [pdu] if pdu else [], edus, txn=f"poison{number}")
                assert (status, answer["errcode"]) == (500, "M_UNKNOWN"), (edu, pdu)
            assert len(b.records(kind="m.direct_to_device")) == number + 1


def room_bans_look_at_the_origin_of_the_transaction():
    with Room() as room:
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        held, ids = room.hold("one")
        room.b.options(addresses=room.names)
        room.b.ban(room=room.id, sender=BOB, servers=["a.test"])
        status, answer = replay(room.b, held[0])
        assert status == 200 and answer["pdus"][ids[0]]["errcode"] == "M_FORBIDDEN"
        assert ids[0] not in room.arrived()
        assert c.send(room.b, json.loads(held[0].body)["pdus"]) == (200, {"pdus": {ids[0]: {}}})
        assert ids[0] in room.arrived()


def a_whitelist_looks_at_the_origin_of_the_transaction():
    with Room(b_options={"whitelist": ["c.test", "a.test"]}) as room:
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        held, ids = room.hold("one")
        room.b.options(whitelist=["c.test"])
        status, answer = replay(room.b, held[0])
        assert (status, answer["errcode"]) == (403, "M_FORBIDDEN")
        assert c.send(room.b, json.loads(held[0].body)["pdus"])[0] == 200
        assert room.arrived() == ids


def an_event_with_a_bad_signature_has_its_own_error():
    with Room() as room:
        held, ids = room.hold("one", "two")
        c = Stranger()
        room.b.add_key_document(document=c.key.document())
        good, bad = [json.loads(each.body)["pdus"][0] for each in held]
        bad["depth"] += 1
        _, answer = c.send(room.b, [good, bad])
        assert answer["pdus"][ids[0]] == {} and sum("error" in each for each in answer["pdus"].values()) == 1
        assert room.arrived() == ids[:1]


def what_is_no_transaction_is_refused():
    with InThread(name="b.test", processing_ms=0) as b:
        c = Stranger()
        b.add_key_document(document=c.key.document())
        assert c.send(b, edus=[c.to_device(f"m{each}") for each in range(101)]) == (400, {})
        assert c.send(b, pdus=[{}] * 51) == (400, {})
        status, answer = c.send(b, destination="other.test")
        assert (status, answer["errcode"]) == (401, "M_UNAUTHORIZED") and "Destination" in answer["error"]
        status, answer = send_raw(b.port, "PUT", "/_matrix/federation/v1/send/1", [("Content-Length", "1")], b"{")
        assert (status, answer["errcode"]) == (400, "M_NOT_JSON")
        assert c.request(b, "GET", "/_matrix/federation/v1/nothing")[0] == 404


RECEIVING = [
    held_transactions_are_accepted_as_they_came_and_twice_is_harmless,
    a_transaction_id_is_remembered_for_24_hours_whatever_it_holds,
    to_device_messages_are_remembered_for_7_days,
    under_another_identity_events_are_accepted_and_edus_dropped,
    for_gaps_the_origin_of_the_transaction_is_asked,
    two_transactions_of_an_origin_at_once_are_refused,
    a_gap_is_answered_with_200_dropped_and_the_id_used_up,
    messages_that_depend_on_each_other_need_their_order,
    answering_for_missing_events_makes_even_the_reverse_order_whole,
    poisoned_transactions_get_500_and_their_other_edus_arrive,
    room_bans_look_at_the_origin_of_the_transaction,
    a_whitelist_looks_at_the_origin_of_the_transaction,
    an_event_with_a_bad_signature_has_its_own_error,
    what_is_no_transaction_is_refused,
]
