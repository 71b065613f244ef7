#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes vectors/attestation.json: bodies of /send, the attestation that is made of each (PROTOCOL 6.4), and the arrays
as a relay hands them over that has re-encoded them as Go does.

An implementation independent of the program, so that a mistake of one cannot hide. Needs python3-nacl.

usage: attestationvectors.py > vectors/attestation.json
"""

import base64
import hashlib
import json
import re
import sys

import nacl.signing

ORIGIN, KEY_ID, DESTINATION = "a.example", "ed25519:a_1", "b.example:8448"
KEY = nacl.signing.SigningKey(hashlib.sha256(b"attestation vectors").digest())


class Number(str):
    """As it was spelled."""


def parse(text):
    return json.loads(text, parse_int=Number, parse_float=Number)


def text_of(value, sort=False, go=False):
    """JSON without spaces; canonical with `sort`, escaped as Go escapes it with `go`."""
    if isinstance(value, Number):
        return "0" if sort and re.fullmatch("-0", value) else str(value)
    if isinstance(value, dict):
        members = sorted(value.items()) if sort else value.items()
        return "{" + ",".join(text_of(key, sort, go) + ":" + text_of(each, sort, go) for key, each in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(text_of(each, sort, go) for each in value) + "]"
    text = json.dumps(value, ensure_ascii=False)
    if go:
        for character in "<>&\u2028\u2029":
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def python_form(value):
    """The canonical form that a server written in Python signs: its floats are spelled anew."""
    if isinstance(value, Number):
        return repr(float(value)) if re.search("[.eE]", value) else ("0" if value == "-0" else str(value))
    if isinstance(value, dict):
        return "{" + ",".join(text_of(key) + ":" + python_form(each) for key, each in sorted(value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(python_form(each) for each in value) + "]"
    return text_of(value)


def signature(content_text, txn):
    head = text_of({"destination": DESTINATION, "method": "PUT", "origin": ORIGIN}, sort=True)
    uri = text_of(f"/_matrix/federation/v1/send/{txn}")
    signed = '{"content":' + content_text + "," + head[1:-1] + ',"uri":' + uri + "}"
    return base64.b64encode(KEY.sign(signed.encode()).signature).decode().rstrip("=")


def attest(body, txn, sig):
    """The EDUs that are kept, the attestation behind them."""
    content = {"v": 1, "origin": ORIGIN, "key": KEY_ID, "sig": sig, "txn": txn}
    content["has"] = [name for name in body if name in ("pdus", "edus") and isinstance(body[name], list)]
    content["members"] = {name: value for name, value in body.items() if name not in content["has"]}
    edus = list(body["edus"]) if "edus" in content["has"] else []
    if len(edus) == 100:
        content["last"] = edus.pop()
    extra = {
        str(index): {name: value for name, value in edu.items() if name not in ("edu_type", "content")}
        for index, edu in enumerate(edus)
    }
    extra = {index: members for index, members in extra.items() if members}
    without = [index for index, edu in enumerate(edus) if "content" not in edu]
    content |= {"edu_extra": extra} if extra else {}
    content |= {"edu_nocontent": without} if without else {}
    return edus + [{"content": content, "edu_type": "org.restante.attestation"}]


def through_dendrite(body, edus):
    """A relay that knows `pdus`, and of an EDU its type, origin and content."""
    kept = [{"edu_type": edu["edu_type"], "origin": "", "content": edu.get("content")} for edu in edus]
    return text_of(body.get("pdus") or [], go=True), text_of(kept, go=True)


def case(name, text, python=False, txn="1795339802268"):
    body = parse(text)
    canonical = text_of(body, sort=True)
    signed = python_form(body) if python else canonical
    sig = signature(signed, txn)
    edus = attest(body, txn, sig)
    pdus_later, edus_later = through_dendrite(body, edus)
    return {
        "name": name, "body": text, "txn": txn, "sig": sig, "edus": text_of(edus, sort=True),
        "dendrite_pdus": pdus_later, "dendrite_edus": edus_later, "rebuilt": canonical, "signed": signed,
    }  # fmt: skip


TYPING = '{"content":{"room_id":"!r:a","typing":true},"edu_type":"m.typing"}'
PDU = '{"content":{"body":"<b>&amp; \u2028 \U0001f600</b>","msgtype":"m.text"},"depth":7,"type":"m.room.message"}'
HEAD = '"origin":"a.example","origin_server_ts":1795339814076'


def hundred(count):
    return "[" + ",".join(TYPING.replace("!r", f"!r{index}") for index in range(count)) + "]"


FOREIGN = '{"content":{"v":1,"origin":"c.example"},"edu_type":"org.restante.attestation"}'
CASES = [
    case("no edus member", '{%s,"pdus":[%s]}' % (HEAD, PDU)),
    case("empty edus", '{"edus":[],%s,"pdus":[%s]}' % (HEAD, PDU)),
    case("no pdus member", '{"edus":[%s],%s}' % (TYPING, HEAD)),
    case("empty pdus", '{"edus":[%s],%s,"pdus":[]}' % (TYPING, HEAD)),
    case("neither", "{%s}" % HEAD),
    case("an empty object", "{}"),
    case("null arrays", '{"edus":null,%s,"pdus":null}' % HEAD),
    case("further members", '{"a":[1,{"b":null}],"edus":[%s],%s,"pdus":[%s],"z\\u00e9":"x"}' % (TYPING, HEAD, PDU)),
    case("members of EDUs", '{"edus":[{"content":{},"destination":"b","edu_type":"m.x","origin":"a.example","ts":-0},%s,'
         '{"edu_type":"m.y","k":{"edu_type":1}}],%s}' % (TYPING, HEAD)),
    case("content that is null or absent", '{"edus":[{"content":null,"edu_type":"m.x"},{"edu_type":"m.y"}],%s}' % HEAD),
    case("numbers as they are spelled", '{"edus":[{"content":{"a":1.50,"b":1e10,"c":123456789012345678901234567890},'
         '"edu_type":"m.x","n":[-0,2.0]}],%s,"pdus":[{"x":0.10}]}' % HEAD),
    case("numbers as Python spells them", '{"edus":[{"content":{"a":1.50,"b":1e10},"edu_type":"m.x","n":2.00}],%s}' % HEAD,
         python=True),
    case("not canonical", ' { "pdus" : [ {"b":1, "a":"\\u003c\\/"} ],\n "edus":[ { "edu_type" : "m.\\u0078", '
         '"content":{"b":2,"a":[ ]} } ], %s } ' % HEAD),
    case("keys with escapes", '{"ed\\u0075s":[{"c\\u006fntent":{"a":1},"edu_t\\u0079pe":"m.x","\\u006f":1}],%s,'
         '"p\\u0064us":[]}' % HEAD),
    case("99 EDUs", '{"edus":%s,%s}' % (hundred(99), HEAD)),
    case("100 EDUs", '{"edus":%s,%s,"pdus":[%s]}' % (hundred(100), HEAD, PDU)),
    case("the hundredth has more members", '{"edus":%s,{"edu_type":"m.z","ts":1}],%s}' % (hundred(99)[:-1], HEAD)),
    case("a foreign attestation last", '{"edus":[%s,%s],%s}' % (TYPING, FOREIGN, HEAD)),
    case("a foreign attestation inside", '{"edus":[%s,%s],%s}' % (FOREIGN, TYPING, HEAD)),
    case("a hundredth that is a foreign attestation", '{"edus":%s,%s],%s}' % (hundred(99)[:-1], FOREIGN, HEAD)),
    case("a transaction id of each character", "{%s}" % HEAD, txn="AZaz09._~-"),
]  # fmt: skip

if __name__ == "__main__":
    vectors = {
        "origin": ORIGIN, "key_id": KEY_ID, "destination": DESTINATION,
        "public_key": base64.b64encode(bytes(KEY.verify_key)).decode(), "cases": CASES,
    }  # fmt: skip
    json.dump(vectors, sys.stdout, ensure_ascii=False, indent=1)
    print()
