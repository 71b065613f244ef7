# SPDX-License-Identifier: GPL-3.0-or-later
"""What honest clients may expect of HTTP/1.1, and what the site behind the guard gets to see."""
import json
import time

from guardclient import Client, Gone, chunked, get, head, put, seconds, wait_until


def echo(answer):
    """The lines of the echo route as a dictionary; fields as a list of (name, value)."""
    seen = {"HEADER": []}
    for line in answer.body.decode("latin-1").split("\n"):
        key, _, value = line.partition("=")
        if key == "HEADER":
            seen["HEADER"].append(tuple(value.split("|", 1)))
        elif key:
            seen[key] = value
    return seen


def the_raw_target_arrives_byte_by_byte(suite):
    legal = "".join(chr(c) for c in range(0x21, 0x7f) if chr(c) not in "#\\")
    with Client(suite.server) as client:
        for target in ("/send_relay/txn/%40user%3ahost/%2F%25+%7e?q=%41", "/%zz%2f..%2F../.", "//double//slash/", "/a|b",
                       "/?", "/:80", "///", "/%00%0d%0a", "/" + legal):
            answer = client.ask(get(target))
            suite.expect(answer.status == 200, "%r: %r" % (target, answer))
            suite.expect(echo(answer).get("TARGET") == target, "%r: %r" % (target, answer))


def an_absolute_target_is_brought_to_a_path(suite):
    with Client(suite.server) as client:
        for absolute, path in (("http://other.example:8448/x?1", "/x?1"), ("HTTPS://other.example:8448", "/"),
                               ("http://other.example:8448?q", "/?q"), ("http://other.example:8448//y", "//y")):
            seen = echo(client.ask(get(absolute)))
            suite.expect(seen.get("TARGET") == path, "%s: %r" % (absolute, seen))
            hosts = [v for n, v in seen["HEADER"] if n.lower() == "host"]
            suite.expect(hosts == ["other.example:8448"], "the target's authority is the host: %r" % seen)


def fields_arrive_in_order_with_duplicates(suite):
    with Client(suite.server) as client:
        seen = echo(client.ask(get("/e", 'AuthoriZation: X-Matrix a="1,2"', "authorization:X-Matrix b", "X-Empty:",
                                   "X-Tab:\t v \t", "X-Text: gr\xfc\xdfe")))
        suite.expect(seen["HEADER"] == [("Host", "a"), ("AuthoriZation", 'X-Matrix a="1,2"'),
                                        ("authorization", "X-Matrix b"), ("X-Empty", ""), ("X-Tab", "v"),
                                        ("X-Text", "gr\xfc\xdfe")], seen)


def what_the_gate_learned_reaches_the_handler(suite):
    with Client(suite.server) as client:
        suite.expect(echo(client.ask(put("/e", b"abc"))).get("NOTE") == "gate saw PUT", "the gate's note")


def an_upgrade_is_ignored(suite):
    with Client(suite.server) as client:
        answer = client.ask(get("/hello", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: AAAA",
                                "Sec-WebSocket-Version: 13"))
        suite.expect(answer.status == 200 and answer.body == b"hello\n", answer)
        suite.expect(client.is_alive(), "the connection stays")


def extra_fields_go_out(suite):
    with Client(suite.server) as client:
        answer = client.ask(get("/e"))
        suite.expect(answer.headers_named("X-Extra") == ["1", "2"], answer)
        suite.expect(len(answer.headers_named("Date")) == 1, answer)
        suite.expect(len(answer.headers_named("Content-Length")) == 1, answer)
        suite.expect(answer.header("Connection") is None, answer)


def chunked_bodies_arrive_and_the_connection_stays(suite):
    with Client(suite.server) as client:
        answer = client.ask(chunked("/e", b"3\r\nabc\r\n4;e=1;f=\"x\"\r\ndefg\r\n0\r\nT: x\r\n\r\n"))
        suite.expect(b"BODY=7 abcdefg\n" in answer.body and b"LENGTH=-1\n" in answer.body, answer)
        suite.expect(client.is_alive(), "the connection stays")
        answer = client.ask(chunked("/e", b"0\r\n\r\n"))
        suite.expect(b"BODY=0 \n" in answer.body, answer)
        answer = client.ask(chunked("/e", b"0A\r\n0123456789\r\n00\r\n\r\n"))
        suite.expect(b"BODY=10 0123456789\n" in answer.body, answer)


def what_follows_a_chunked_body_is_the_next_request(suite):
    body = b"A;a=\"d\\\"\" ; b\r\n0\r\n\r\nGET /\r\n0;c=\"0\"\r\nX: \"\r\nY:\r\n\r\n"
    for send in (Client.send, Client.send_slowly):
        with Client(suite.server) as client:
            send(client, chunked("/e", body) + put("/e", b"2nd") + chunked("/e", b"0\r\n\r\n") + get("/hello"))
            for wanted in (b"BODY=10 0\r\n\r\nGET /\n", b"BODY=3 2nd\n", b"BODY=0 \n", b"hello\n"):
                answer = client.answer()
                suite.expect(wanted in answer.body, "%r wanted: %r" % (wanted, answer))
            suite.expect(client.is_alive(), "the connection stays")


def a_request_may_come_byte_by_byte(suite):
    with Client(suite.server) as client:
        client.send_slowly(chunked("/e", b"3\r\nabc\r\n4;e=1\r\ndefg\r\n0\r\nT: x\r\n\r\n"))
        suite.expect(b"BODY=7 abcdefg\n" in client.answer().body, "chunked")
        client.send_slowly(put("/e", b"hello"))
        suite.expect(b"BODY=5 hello\n" in client.answer().body, "sized")
        client.send_slowly(b"\r\n" + get("/hello"))
        suite.expect(client.answer().body == b"hello\n", "a blank line before it")


def large_bodies_arrive_whole(suite):
    body = bytes(range(32, 127)) * 11000
    with Client(suite.server) as client:
        for data in (put("/e", body), chunked("/e", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))):
            answer = client.ask(data)
            suite.expect(b"BODY=%d " % len(body) in answer.body, answer)


def a_get_may_have_a_body(suite):
    with Client(suite.server) as client:
        answer = client.ask(head("GET /e HTTP/1.1", "Host: a", "Content-Length: 14", body=b'{"entry_id":0}'))
        suite.expect(b'METHOD=GET\n' in answer.body and b'BODY=14 {"entry_id":0}\n' in answer.body, answer)


def odd_methods_reach_the_site(suite):
    with Client(suite.server) as client:
        for method in ("BREW", "OPTIONS", "DELETE", "get", "M-SEARCH"):
            suite.expect(b"METHOD=%s\n" % method.encode() in client.ask(get("/e", method=method)).body, method)


def http_1_0_closes_unless_asked_to_stay(suite):
    with Client(suite.server) as client:
        answer = client.ask(head("GET /hello HTTP/1.0"))
        suite.expect(answer.body == b"hello\n" and answer.header("connection") == "close", answer)
        suite.expect(client.is_ended(), "it ends")
    with Client(suite.server) as client:
        answer = client.ask(head("GET /hello HTTP/1.0", "Connection: keep-alive"))
        suite.expect(answer.header("connection") == "keep-alive", answer)
        suite.expect(client.is_alive(), "it stays")


def connection_close_is_obeyed(suite):
    for value in ("close", "Close", "foo, close", "keep-alive, close"):
        with Client(suite.server) as client:
            answer = client.ask(get("/hello", "Connection: " + value))
            suite.expect(answer.body == b"hello\n" and answer.header("connection") == "close", answer)
            suite.expect(client.is_ended(), "it ends")


def nothing_is_served_after_connection_close(suite):
    with Client(suite.server) as client:
        client.send(get("/hello", "Connection: close") + get("/hello"))
        suite.expect(client.answer().body == b"hello\n", "the first")
        suite.expect(client.is_ended(), "and no second")


def a_head_request_gets_no_body(suite):
    with Client(suite.server) as client:
        client.send(get("/hello", method="HEAD") + get("/hello"))
        answer = client.answer(head_only=True)
        suite.expect(answer.header("content-length") == "6", answer)
        suite.expect(client.answer().body == b"hello\n", "the next answer follows at once")
        client.send(get("/medium", method="HEAD") + get("/unknown", method="HEAD") + get("/hello"))
        suite.expect(client.answer(head_only=True).header("content-length") == str(1 << 20), "a large answer")
        suite.expect(client.answer(head_only=True).status == 404, "a refusal")
        suite.expect(client.answer().body == b"hello\n", "in step")


def an_empty_answer_has_no_length(suite):
    with Client(suite.server) as client:
        answer = client.ask(get("/empty"))
        suite.expect(answer.status == 204 and answer.header("content-length") is None, answer)
        suite.expect(client.is_alive(), "it stays")


def continue_is_sent_after_the_gate_allowed(suite):
    with Client(suite.server) as client:
        client.send(head("PUT /e HTTP/1.1", "Host: a", "Content-Length: 5", "Expect: 100-Continue"))
        suite.expect(client.answer().status == 100, "the invitation")
        suite.expect(b"BODY=5 hello\n" in client.ask(b"hello").body, "the answer")
        suite.expect(client.is_alive(), "it stays")
    with Client(suite.server) as client:
        answer = client.ask(head("PUT /gate/refuse HTTP/1.1", "Host: a", "Content-Length: 5", "Expect: 100-continue"))
        suite.expect_error(answer, 403, "M_FORBIDDEN")
        suite.expect(answer.header("connection") == "close", "nobody knows whether the body comes: %r" % answer)
        suite.expect(client.is_ended(), "so it ends")


def no_invitation_where_the_body_is_there_already(suite):
    with Client(suite.server) as client:
        answer = client.ask(put("/e", b"hello", "Expect: 100-continue"))
        suite.expect(answer.status == 200 and b"BODY=5 hello\n" in answer.body, answer)
    with Client(suite.server) as client:
        answer = client.ask(head("PUT /e HTTP/1.0", "Host: a", "Content-Length: 5", "Expect: 100-continue", body=b"hello"))
        suite.expect(answer.status == 200, "HTTP/1.0 knows no interim answers: %r" % answer)


def other_expectations_fail_after_the_gate(suite):
    with Client(suite.server) as client:
        answer = client.ask(put("/e", b"hello", "Expect: 200-maybe"))
        suite.expect_error(answer, 417)
    with Client(suite.server) as client:
        suite.expect_error(client.ask(get("/e", "Expect: 100-continue, x")), 417)
    with Client(suite.server) as client:
        suite.expect_error(client.ask(put("/gate/refuse", b"hello", "Expect: 200-maybe")), 403, "M_FORBIDDEN")


def a_refusal_of_the_gate_comes_before_the_body(suite):
    with Client(suite.server) as client:
        answer = client.ask(head("PUT /gate/refuse HTTP/1.1", "Host: a", "Content-Length: 900000"))
        suite.expect_error(answer, 403, "M_FORBIDDEN")
        suite.expect(json.loads(answer.body)["error"] == 'Not served "here"', answer)
        suite.expect(answer.header("connection") == "close", "a large unread body ends the connection: %r" % answer)


def a_refusal_without_a_large_body_keeps_the_connection(suite):
    with Client(suite.server) as client:
        suite.expect_error(client.ask(get("/gate/refuse")), 403, "M_FORBIDDEN")
        suite.expect(client.is_alive(), "no body")
        suite.expect_error(client.ask(put("/gate/refuse", b"x" * 60000)), 403, "M_FORBIDDEN")
        suite.expect(client.is_alive(), "a small body")
        suite.expect_error(client.ask(head("PUT /gate/refuse HTTP/1.1", "Host: a", "Content-Length: 5")), 403, "M_FORBIDDEN")
        client.send(b"hel")
        client.send(b"lo")
        suite.expect(client.is_alive(), "a small body in parts, after the answer")
        client.send(put("/gate/refuse", b"x" * 1000) * 3 + get("/hello"))
        for _ in range(3):
            suite.expect_error(client.answer(), 403, "M_FORBIDDEN")
        suite.expect(client.answer().body == b"hello\n", "pipelined")


def a_refused_chunked_body_ends_the_connection(suite):
    with Client(suite.server) as client:
        suite.expect_error(client.ask(chunked("/gate/refuse", b"3\r\nabc\r\n0\r\n\r\n")), 403, "M_FORBIDDEN")
        suite.expect(client.is_ended(), "it ends")


def a_client_that_sends_its_large_body_anyway_sees_the_refusal(suite):
    with Client(suite.server) as client:
        client.send(put("/gate/refuse", b"x" * 900000))
        suite.expect_error(client.answer(), 403, "M_FORBIDDEN")


def refusals_carry_their_fields(suite):
    with Client(suite.server) as client:
        answer = client.ask(get("/gate/limited"))
        suite.expect_error(answer, 429, "M_LIMIT_EXCEEDED")
        suite.expect(json.loads(answer.body).get("retry_after_ms") == 2500, answer)
        suite.expect(answer.header("retry-after") == "3", answer)
        answer = client.ask(get("/gate/method", method="DELETE"))
        suite.expect_error(answer, 405, "M_UNRECOGNIZED")
        suite.expect(answer.header("allow") == "GET, PUT", answer)
        answer = client.ask(get("/fail"))
        suite.expect_error(answer, 429, "M_LIMIT_EXCEEDED")
        suite.expect(answer.header("retry-after") == "2", answer)


def a_failing_site_is_answered_500(suite):
    with Client(suite.server) as client:
        for target in ("/throw", "/drop", "/gate/throw"):
            suite.expect_error(client.ask(get(target)), 500)
            suite.expect(client.is_alive(), "%s: the connection stays" % target)


def only_the_first_answer_counts(suite):
    with Client(suite.server) as client:
        answer = client.ask(get("/twice"))
        suite.expect(answer.status == 200 and answer.body == b"first\n", answer)
        suite.expect(client.is_alive(), "it stays in step")


def pipelined_requests_are_answered_in_order(suite):
    with Client(suite.server) as client:
        client.send(get("/slow/300") + get("/slow/10") + get("/hello") + get("/unknown") + put("/e", b"x") + get("/slow/1"))
        bodies = [client.answer().body for _ in range(6)]
        suite.expect(bodies[0] == b"slow /slow/300\n" and bodies[1] == b"slow /slow/10\n" and bodies[2] == b"hello\n" and
                     b"M_UNRECOGNIZED" in bodies[3] and b"BODY=1 x" in bodies[4] and bodies[5] == b"slow /slow/1\n", bodies)
        suite.expect(client.is_alive(), "it stays")


def many_pipelined_requests_are_all_answered(suite):
    with Client(suite.server) as client:
        client.send(get("/hello") * 3000)
        suite.expect(all(client.answer().body == b"hello\n" for _ in range(3000)), "3000 answers")
        suite.expect(client.is_alive(), "it stays")


def clients_may_leave_while_an_answer_is_pending(suite):
    for delay in (0, 0.002, 0.02):
        for _ in range(20):
            client = Client(suite.server)
            client.send(get("/slow/100"))
            time.sleep(delay)
            client.close()
    with Client(suite.server) as client:
        client.send(get("/slow/100") + get("/slow/100"))
        client.socket.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER 0: a reset instead of an end
        client.close()
    time.sleep(0.3)
    with Client(suite.server) as client:
        suite.expect(client.is_alive(), "it still serves")
        only_this_one = lambda: json.loads(client.ask(get("/counters")).body)["open"] == 1
        suite.expect(wait_until(only_this_one), "the others' seats are free again")


def clients_may_leave_while_a_large_answer_is_sent(suite):
    for _ in range(10):
        client = Client(suite.server, receive_buffer=4096)
        client.send(get("/medium"))
        client.socket.recv(1)
        client.close()
    with Client(suite.server) as client:
        suite.expect(client.is_alive(), "it still serves")


def a_large_answer_arrives_whole(suite):
    with Client(suite.server) as client:
        answer = client.ask(get("/medium"))
        suite.expect(answer.body == b"y" * (1 << 20), "%d bytes" % len(answer.body))
        answer = client.ask(get("/medium", "Connection: close"))
        suite.expect(answer.body == b"y" * (1 << 20) and client.is_ended(), "and before a close")


def requests_in_a_row_on_one_connection(suite):
    with Client(suite.server) as client:
        for number in range(300):
            body = b"%d" % number
            if b"BODY=%d %s\n" % (len(body), body) not in client.ask(put("/e", body)).body:
                suite.expect(False, "request %d" % number)
                return


def each_worker_serves(suite):
    server = suite.start("--short", "--workers", "3")
    try:
        clients = [Client(server) for _ in range(12)]
        workers = [echo(client.ask(get("/e")))["WORKER"] for client in clients]
        suite.expect(sorted(workers) == ["0"] * 4 + ["1"] * 4 + ["2"] * 4, "spread evenly: %r" % workers)
        for client in clients:
            client.close()
    finally:
        status, said = server.stop()
    suite.expect(status == 0 and "end: 0" in said, (status, said))


def pending_answers_are_given_at_the_end(suite):
    server = suite.start("--short", "--workers", "2")
    with Client(server) as slow, Client(server) as idle, Client(server) as stuck:
        slow.send(get("/slow/600"))
        suite.expect(idle.is_alive(), "served")
        stuck.send(get("/slow/2900"))
        time.sleep(0.2)
        begin = time.monotonic()
        status, said = server.stop()
        took = time.monotonic() - begin
        suite.expect(status == 0 and "end: 0" in said, (status, said, server.error_text()[-2000:]))
        answer = slow.answer()
        suite.expect(answer.body == b"slow /slow/600\n" and answer.header("connection") == "close", answer)
        suite.expect(idle.is_ended(), "an idle one ends at once")
        suite.expect(took < seconds(4), "ends in %.1f s, whatever is stuck" % took)


def a_port_in_use_is_said_clearly(suite):
    import subprocess
    result = subprocess.run([suite.program, "--port", str(suite.server.port)], capture_output=True, timeout=10)
    suite.expect(result.returncode == 1, result)
    suite.expect(b"Cannot listen on 127.0.0.1 port" in result.stderr, result)


def an_ipv6_address_is_served(suite):
    import socket
    try:
        probe = socket.socket(socket.AF_INET6)
        probe.bind(("::1", 0))
        probe.close()
    except OSError:
        print("      (no IPv6 on this machine)")
        return
    server = suite.start("--short", "--set", "connectionsPerAddress=5", host="::1")
    try:
        with Client(server) as client:
            suite.expect(echo(client.ask(get("/e"))).get("PEER") == "::1", "its peer")
        clients = []
        served = 0
        for _ in range(9):
            try:
                client = Client(server)
                clients.append(client)
                served += client.is_alive()
            except (Gone, OSError):
                pass
        suite.expect(4 <= served <= 5, "served %d of 9, 5 seats" % served)
        for client in clients:
            client.close()
    finally:
        server.stop()


def a_mapped_address_counts_as_ipv4(suite):
    import socket
    if not socket.has_dualstack_ipv6():
        print("      (no dual stack on this machine)")
        return
    server = suite.start("--short", host="any")
    server.host = "127.0.0.1"
    try:
        with Client(server) as client:
            suite.expect(echo(client.ask(get("/e"))).get("PEER") == "127.0.0.1", "its peer")
    finally:
        server.stop()


CASES = [
    the_raw_target_arrives_byte_by_byte,
    an_absolute_target_is_brought_to_a_path,
    fields_arrive_in_order_with_duplicates,
    what_the_gate_learned_reaches_the_handler,
    an_upgrade_is_ignored,
    extra_fields_go_out,
    chunked_bodies_arrive_and_the_connection_stays,
    what_follows_a_chunked_body_is_the_next_request,
    a_request_may_come_byte_by_byte,
    large_bodies_arrive_whole,
    a_get_may_have_a_body,
    odd_methods_reach_the_site,
    http_1_0_closes_unless_asked_to_stay,
    connection_close_is_obeyed,
    nothing_is_served_after_connection_close,
    a_head_request_gets_no_body,
    an_empty_answer_has_no_length,
    continue_is_sent_after_the_gate_allowed,
    no_invitation_where_the_body_is_there_already,
    other_expectations_fail_after_the_gate,
    a_refusal_of_the_gate_comes_before_the_body,
    a_refusal_without_a_large_body_keeps_the_connection,
    a_refused_chunked_body_ends_the_connection,
    a_client_that_sends_its_large_body_anyway_sees_the_refusal,
    refusals_carry_their_fields,
    a_failing_site_is_answered_500,
    only_the_first_answer_counts,
    pipelined_requests_are_answered_in_order,
    many_pipelined_requests_are_all_answered,
    clients_may_leave_while_an_answer_is_pending,
    clients_may_leave_while_a_large_answer_is_sent,
    a_large_answer_arrives_whole,
    requests_in_a_row_on_one_connection,
    each_worker_serves,
    pending_answers_are_given_at_the_end,
    a_port_in_use_is_said_clearly,
    an_ipv6_address_is_served,
    a_mapped_address_counts_as_ipv4,
]
