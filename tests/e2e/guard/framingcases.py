# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that are not framed as they should be: each is refused, and never taken for something else."""
from guardclient import Client, Gone, chunked, get, head, put

HOST = "Host: a"


def refused(suite, name, data, status, errcode="M_UNKNOWN", send=Client.send):
    """Sends `data` and a request behind it: the first is refused, the second is never served."""
    with Client(suite.server) as client:
        try:
            send(client, data + get("/hello", "Smuggled: yes"))
        except Gone:
            pass  # refused so early that the rest could not be sent
        try:
            answer = client.answer()
        except Gone as gone:
            suite.expect(False, "%s: no answer, %s" % (name, gone))
            return
        before = len(suite.failures)
        suite.expect_error(answer, status, errcode)
        suite.expect(answer.header("connection") == "close", "%s: it does not say close: %r" % (name, answer))
        suite.expect(client.is_ended(), "%s: more came after the refusal" % name)
        if len(suite.failures) > before:
            suite.failures[before] = name + ": " + suite.failures[before]


def bad_content_lengths_are_refused(suite):
    for value in ("-5", "9223372036854775808", "99999999999999999999999999", "+5", "0x5", "5, 5", "5 5", "", "5a", "5.0",
                  "\xb2"):
        refused(suite, "Content-Length %r" % value,
                head("POST /e HTTP/1.1", HOST, "Content-Length: " + value, body=b"hello"), 400)


def repeated_content_lengths_are_refused(suite):
    refused(suite, "different", head("POST /e HTTP/1.1", HOST, "Content-Length: 5", "Content-Length: 6", body=b"hello"), 400)
    refused(suite, "equal", head("POST /e HTTP/1.1", HOST, "Content-Length: 5", "content-length: 5", body=b"hello"), 400)
    refused(suite, "zero", head("POST /e HTTP/1.1", HOST, "Content-Length: 0", "Content-Length: 0"), 400)


def a_length_beside_a_transfer_coding_is_refused(suite):
    refused(suite, "CL then TE", head("POST /e HTTP/1.1", HOST, "Content-Length: 5", "Transfer-Encoding: chunked",
                                      body=b"0\r\n\r\n"), 400)
    refused(suite, "TE then CL", head("POST /e HTTP/1.1", HOST, "Transfer-Encoding: chunked", "Content-Length: 5",
                                      body=b"0\r\n\r\n"), 400)


def other_transfer_codings_are_refused(suite):
    for value in ("gzip, chunked", "gzip", "identity", "chunked, gzip", "xchunked", "notchunkedatall", "chunked;q=1",
                  "\"chunked\"", ""):
        refused(suite, "Transfer-Encoding %r" % value,
                head("POST /e HTTP/1.1", HOST, "Transfer-Encoding: " + value, body=b"0\r\n\r\n"), 501)
    refused(suite, "chunked twice", head("POST /e HTTP/1.1", HOST, "Transfer-Encoding: chunked",
                                         "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400)
    refused(suite, "HTTP/1.0", head("POST /e HTTP/1.0", HOST, "Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400)
    with Client(suite.server) as client:
        answer = client.ask(head("POST /e HTTP/1.1", HOST, "Transfer-Encoding: CHUNKED", body=b"0\r\n\r\n"))
        suite.expect(answer.status == 200, "a coding's name has no case: %r" % answer)


def damaged_heads_are_refused(suite):
    for name, data in {
        "space before the colon": head("POST /e HTTP/1.1", HOST, "Transfer-Encoding : chunked"),
        "tab before the colon": head("POST /e HTTP/1.1", HOST, "Transfer-Encoding\t: chunked"),
        "no colon": get("/e", "garbage"),
        "no name": get("/e", ": x"),
        "space in the name": get("/e", "Bad Name: x"),
        "byte above 127 in the name": get("/e", "B\xe4d: x"),
        "folded line": get("/e", "X: a", " b"),
        "folded line with tab": get("/e", "X: a", "\tb"),
        "folded empty value": get("/e", "X:", " b"),
        "folded first line": head("GET /e HTTP/1.1", " Host: a"),
        "bare CR in a value": get("/e", "X: a\rb"),
        "NUL in a value": get("/e", "X: a\0b"),
        "DEL in a value": get("/e", "X: a\x7fb"),
        "bare LF": b"GET /e HTTP/1.1\nHost: a\n\n\r\n\r\n",
        "bare LF between fields": b"GET /e HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
        "CR CR LF": b"GET /e HTTP/1.1\r\r\nHost: a\r\n\r\n",
        "two spaces before the target": head("GET  /e HTTP/1.1", HOST),
        "two spaces before the version": head("GET /e  HTTP/1.1", HOST),
        "space behind the version": head("GET /e HTTP/1.1 ", HOST),
        "tab for a space": head("GET\t/e HTTP/1.1", HOST),
        "no method": head("/e HTTP/1.1", HOST),
        "no version": head("GET /e", HOST),
        "no HTTP": head("GET /e HTPP/1.1", HOST),
        "lower case version": head("GET /e http/1.1", HOST),
        "odd version": head("GET /e HTTP/1.10", HOST),
        "method with a bad byte": head("GE(T /e HTTP/1.1", HOST),
        "TLS on a plain port": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 50,
        "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "blank lines": b"\r\n" * 10,
    }.items():
        refused(suite, name, data, 400)


def damaged_heads_are_refused_before_they_end(suite):
    """There is no need to wait for the end of something that can never be right."""
    for data in (b"\x16\x03\x01", b"GET / HTTP/1.1\nHost", b"GET / HTTP/1.1\r\n Host", b"GET /\0"):
        with Client(suite.server) as client:
            suite.expect_error(client.ask(data), 400)


def hosts_are_checked(suite):
    refused(suite, "none", head("GET /e HTTP/1.1"), 400)
    refused(suite, "two", head("GET /e HTTP/1.1", HOST, HOST), 400)
    refused(suite, "two, other case", head("GET /e HTTP/1.1", HOST, "hOST: b"), 400)
    for value in ("u@x", "a/b", "a b", "a,b", "a?b", "a#b", "<a>"):
        refused(suite, "Host %r" % value, head("GET /e HTTP/1.1", "Host: " + value), 400)
    for value in ("example.org", "example.org:8448", "[::1]:80", "1.2.3.4", ""):
        with Client(suite.server) as client:
            suite.expect(client.ask(head("GET /e HTTP/1.1", "Host: " + value)).status == 200, "Host %r" % value)


def bad_targets_are_refused(suite):
    for target in (b"/a#f", "/\xe9".encode(), b"/\xff", b"a/b", b"/a b", b"*", b"/a\\b", b"ftp://a/b", b"http://", b"http:///x",
                   b"http://u@h/x", b"//", b"?x", b"/a\x7f"):
        if target == b"//":
            continue  # an empty segment is the router's to judge
        refused(suite, "target %r" % target, get(target), 400)


def other_versions_are_refused(suite):
    for version in ("HTTP/9.9", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2"):
        refused(suite, version, head("GET /e " + version, HOST), 505)


def unknown_protocol_methods_are_refused(suite):
    refused(suite, "CONNECT", head("CONNECT a:1 HTTP/1.1", HOST), 501)
    refused(suite, "TRACE", head("TRACE / HTTP/1.1", HOST), 501)
    refused(suite, "a very long method", head("G" * 33 + " / HTTP/1.1", HOST), 501)


def large_heads_are_refused(suite):
    refused(suite, "long target", get("/" + "a" * 8200), 414)
    refused(suite, "long method", b"A" * 9000, 414)
    refused(suite, "101 fields", head("GET /e HTTP/1.1", HOST, *("X-%d: a" % i for i in range(100))), 431)
    refused(suite, "long field", get("/e", "X: " + "a" * 33000), 431)
    refused(suite, "many long fields", get("/e", *("X-%d: %s" % (i, "a" * 1000) for i in range(40))), 431)
    with Client(suite.server) as client:
        answer = client.ask(get("/" + "a" * 8000, *("X-%d: %s" % (i, "b" * 200) for i in range(99))))
        suite.expect(answer.status == 200 and answer.body.count(b"HEADER=X-") == 99, "just below the limits: %r" % answer)


def damaged_chunks_are_refused(suite):
    for name, body in {
        "negative": b"-3\r\nabc\r\n0\r\n\r\n",
        "not hexadecimal": b"xyz\r\nabc\r\n0\r\n\r\n",
        "0x": b"0x3\r\nabc\r\n0\r\n\r\n",
        "plus": b"+3\r\nabc\r\n0\r\n\r\n",
        "space before": b" 3\r\nabc\r\n0\r\n\r\n",
        "empty": b"\r\nabc\r\n0\r\n\r\n",
        "longer than said": b"3\r\nabcde0\r\n\r\n",
        "bare LF": b"3\nabc\n0\n\n" + b"a" * 400,
        "bare LF behind the data": b"3\r\nabc\n0\r\n\r\n",
        "bad extension": b"3;=\r\nabc\r\n0\r\n\r\n",
        "long extension": b"3;" + b"a" * 600 + b"\r\nabc\r\n0\r\n\r\n",
        "bad trailer": b"3\r\nabc\r\n0\r\nno colon\r\n\r\n",
        "length in the trailers": b"3\r\nabc\r\n0\r\nContent-Length: 5\r\n\r\n",
        "unclosed quotes": b"A;c=\"d\r\n0123456789\r\n0\r\n\r\n",
        "unclosed quotes, another size": b"AA;c=\"d\r\n0123456789\r\n0\r\n\r\n",
        "unclosed quotes in the last line": b"3\r\nabc\r\n0;c=\"d\r\n\r\n",
        "quoted CRLF": b"3;c=\"\\\r\n\"\r\nabc\r\n0\r\n\r\n",
        "control byte in quotes": b"3;c=\"\x01\"\r\nabc\r\n0\r\n\r\n",
        "NUL in an extension": b"3;c\x00\r\nabc\r\n0\r\n\r\n",
        "byte above 0x7e in quotes": b"3;c=\"\xe4\"\r\nabc\r\n0\r\n\r\n",
        "folded trailer": b"3\r\nabc\r\n0\r\nX: y\r\n z\r\n\r\n",
        "more than 64 bits": b"1ffffffffffffffff\r\nabc\r\n0\r\n\r\n",
    }.items():
        refused(suite, name, chunked("/e", body), 400)
        refused(suite, name + ", byte by byte", chunked("/e", body), 400, send=Client.send_slowly)
    refused(suite, "too many trailers", chunked("/e", b"0\r\n" + b"X: a\r\n" * 2000 + b"\r\n"), 431)


def large_bodies_are_refused(suite):
    refused(suite, "chunk over the limit", chunked("/e", b"fffffff\r\nabc"), 413, "M_TOO_LARGE")
    refused(suite, "chunks over the limit", chunked("/tiny", b"9\r\n123456789\r\n" * 2 + b"0\r\n\r\n"), 413, "M_TOO_LARGE")
    refused(suite, "length over the limit", head("PUT /e HTTP/1.1", HOST, "Content-Length: 2000000"), 413, "M_TOO_LARGE")
    with Client(suite.server) as client:
        answer = client.ask(put("/tiny", b"x" * 17))
        suite.expect_error(answer, 413, "M_TOO_LARGE")
        suite.expect(client.is_alive(), "a small body is skipped and the connection stays")
    with Client(suite.server) as client:
        suite.expect(client.ask(put("/tiny", b"x" * 16)).status == 200, "just the limit")


def a_body_that_is_too_large_is_refused_before_it_is_read(suite):
    with Client(suite.server) as client:
        answer = client.ask(head("PUT /e HTTP/1.1", HOST, "Content-Length: 1048577"))
        suite.expect_error(answer, 413, "M_TOO_LARGE")


CASES = [
    bad_content_lengths_are_refused,
    repeated_content_lengths_are_refused,
    a_length_beside_a_transfer_coding_is_refused,
    other_transfer_codings_are_refused,
    damaged_heads_are_refused,
    damaged_heads_are_refused_before_they_end,
    hosts_are_checked,
    bad_targets_are_refused,
    other_versions_are_refused,
    unknown_protocol_methods_are_refused,
    large_heads_are_refused,
    damaged_chunks_are_refused,
    large_bodies_are_refused,
    a_body_that_is_too_large_is_refused_before_it_is_read,
]
