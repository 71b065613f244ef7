# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients that mean harm: slow ones, floods, hoarders. They cost bounded memory and time, and others are served."""
import json
import socket
import threading
import time

from guardclient import Client, Gone, chunked, get, head, put, seconds, wait_until

BLOCK = b"a" * 65536


def answer_within(client, limit, drip=b"", every=0.05):
    """Sends `drip` again and again until an answer or the end comes. Returns (answer or None, how long it took in
    the pace of this run)."""
    begin = time.monotonic()
    client.socket.settimeout(every)
    while time.monotonic() - begin < seconds(limit):
        try:
            if drip:
                client.send(drip)
            client.rest += client.receive()
            client.socket.settimeout(seconds(5))
            return client.answer(), (time.monotonic() - begin) / seconds(1)
        except (socket.timeout, TimeoutError):
            time.sleep(every if not drip else 0)
        except Gone:
            return None, (time.monotonic() - begin) / seconds(1)
    raise AssertionError("nothing happened for %d s" % seconds(limit))


def is_served(server, source=None):
    """Whether a new client gets an answer."""
    try:
        with Client(server, source=source, wait=3) as client:
            return client.is_alive()
    except (Gone, OSError):
        return False


def a_silent_connection_is_ended(suite):
    with Client(suite.server) as client:
        answer, took = answer_within(client, 6)
        suite.expect(answer is None and took > 1, (answer, took))


def an_idle_connection_is_ended(suite):
    with Client(suite.server) as client:
        suite.expect(client.is_alive(), "served")
        answer, took = answer_within(client, 6)
        suite.expect(answer is None and took > 1.5, (answer, took))


def a_slow_head_is_answered_408(suite):
    with Client(suite.server) as client:
        client.send(b"GET / HTTP/1.1\r\n")
        answer, took = answer_within(client, 6, b"X-a: b\r\n", 0.1)
        suite.expect_error(answer, 408)
        suite.expect(took > 1, took)


def a_slow_head_on_a_used_connection_is_answered_408(suite):
    with Client(suite.server) as client:
        suite.expect(client.is_alive(), "served")
        client.send(b"G")
        answer, _ = answer_within(client, 6)
        suite.expect_error(answer, 408)


def a_slow_body_is_answered_408(suite):
    with Client(suite.server) as client:
        client.send(head("PUT /e HTTP/1.1", "Host: a", "Content-Length: 100000"))
        answer, took = answer_within(client, 6, b"a")
        suite.expect_error(answer, 408)
        suite.expect(took > 0.8, took)


def a_slow_chunked_body_is_answered_408(suite):
    with Client(suite.server) as client:
        client.send(chunked("/e", b""))
        answer, _ = answer_within(client, 6, b"1\r\na\r\n")
        suite.expect_error(answer, 408)


def a_refused_body_that_never_comes_ends_the_connection(suite):
    with Client(suite.server) as client:
        suite.expect_error(client.ask(head("PUT /gate/refuse HTTP/1.1", "Host: a", "Content-Length: 5")), 403, "M_FORBIDDEN")
        answer, _ = answer_within(client, 6)
        suite.expect(answer is None, answer)


def a_stuck_handler_is_answered_504_and_its_late_answer_is_harmless(suite):
    with Client(suite.server) as client:
        client.send(get("/slow/%d" % seconds(4500)))
        answer, took = answer_within(client, 8)
        suite.expect_error(answer, 504)
        suite.expect(answer.header("connection") == "close" and took < 4.4, (answer, took))
        suite.expect(client.is_ended(), "no late answer comes")
    with Client(suite.server) as client:
        stays_free = lambda: json.loads(client.ask(get("/counters")).body)["open"] == 1
        suite.expect(wait_until(stays_free), "the late answer frees the seat")


def flood(suite, name, prefix, block, wanted, mib=40):
    before = suite.server.resident_mib()
    peak = before
    sent = 0
    with Client(suite.server) as client:
        try:
            client.send(prefix)
            while sent < mib << 20:
                client.send(block)
                sent += len(block)
                if sent % (4 << 20) < len(block):
                    peak = max(peak, suite.server.resident_mib())
        except Gone:
            pass
        except (socket.timeout, TimeoutError):
            pass  # it reads no more: that is a limit too
        peak = max(peak, suite.server.resident_mib())
        try:
            answer = client.answer()
            suite.expect(answer.status in wanted, "%s: %r" % (name, answer))
        except Gone:
            pass  # a client that does not read cannot be told
    suite.expect(peak - before < 12 * suite.memory_factor, "%s: resident memory grew from %d to %d MiB" % (name, before, peak))


def endless_heads_cost_bounded_memory(suite):
    flood(suite, "target", b"GET /", BLOCK, (414,))
    flood(suite, "field", b"GET / HTTP/1.1\r\nX: ", BLOCK, (431,))
    flood(suite, "fields", b"GET / HTTP/1.1\r\n", b"X-a: b\r\n" * 8192, (431,))
    flood(suite, "blank lines", b"", b"\r\n" * 32768, (400,))


def endless_bodies_cost_bounded_memory(suite):
    flood(suite, "length", head("PUT /e HTTP/1.1", "Host: a", "Content-Length: 99999999999"), BLOCK, (413,))
    flood(suite, "chunk", chunked("/e", b"7ffffff\r\n"), BLOCK, (413,))
    flood(suite, "chunk extension", chunked("/e", b"5;"), BLOCK, (400,))
    flood(suite, "small chunks", chunked("/e", b""), b"1\r\na\r\n" * 8192, (413,))
    flood(suite, "trailers", chunked("/e", b"0\r\n"), b"X-a: b\r\n" * 8192, (431,))


def a_pipeliner_that_never_reads_costs_bounded_memory(suite):
    before = suite.server.resident_mib()
    with Client(suite.server, wait=0.5, receive_buffer=4096) as client:
        sent = 0
        try:
            while sent < 400000:
                client.send(get("/hello") * 100)
                sent += 100
        except (Gone, socket.timeout, TimeoutError):
            pass
        suite.expect(sent < 400000, "it was allowed to send everything")
        suite.expect_grew_less_than(before, 12, "after %d requests" % sent)
        cut = lambda: json.loads(Client(suite.server).ask(get("/counters", "Connection: close")).body)["open"] <= 1
        suite.expect(wait_until(cut, 8, 0.2), "it is cut when it takes nothing")


def an_unread_answer_is_cut(suite):
    with Client(suite.server, receive_buffer=4096) as client, Client(suite.server) as other:
        before = json.loads(other.ask(get("/counters")).body)["cut"]
        client.send(get("/medium") * 3)
        count = lambda: json.loads(other.ask(get("/counters")).body)["cut"]
        suite.expect(wait_until(lambda: count() > before, 8, 0.2), "it is cut")


def an_answer_read_by_drips_is_cut(suite):
    """A byte now and then keeps no megabyte of memory for ever."""
    with Client(suite.server, receive_buffer=4096) as client, Client(suite.server) as other:
        before = json.loads(other.ask(get("/counters")).body)["cut"]
        client.send(get("/medium") * 3)

        def count():
            try:
                client.socket.recv(2048)
            except OSError:
                pass
            return json.loads(other.ask(get("/counters")).body)["cut"]

        suite.expect(wait_until(lambda: count() > before, 9, 0.05), "it is cut")


def one_address_gets_its_share_of_connections(suite):
    server = suite.start("--short", "--set", "idleMs=60000")
    clients = []
    served = 0
    try:
        for _ in range(80):
            try:
                client = Client(server, source="127.0.0.7", wait=3)
                clients.append(client)
                served += client.is_alive()
            except (Gone, OSError):
                pass
        suite.expect(55 <= served <= 60, "%d of 80 were served, 60 seats" % served)
        with Client(server, source="127.0.0.8") as other:
            suite.expect(other.is_alive(), "another address is served")
    finally:
        for client in clients:
            client.close()
    suite.expect(wait_until(lambda: is_served(server, "127.0.0.7")), "seats are free again")
    server.stop()


def all_seats_are_counted_and_come_back(suite):
    server = suite.start("--short", "--set", "idleMs=60000")
    clients = []
    served = 0
    try:
        for number in range(200):
            try:
                client = Client(server, source="127.0.1.%d" % (1 + number % 100), wait=3)
                clients.append(client)
                served += client.is_alive()
            except (Gone, OSError):
                pass
        suite.expect(150 <= served <= 160, "%d of 200 were served, 160 seats" % served)
    finally:
        for client in clients:
            client.close()
    suite.expect(wait_until(lambda: is_served(server)), "seats are free again")
    server.stop()


def hoard(server, count, size, sources, wanted=0):
    """`count` clients that send all but one byte of a body and wait. Returns (clients, how many were refused), as soon as
    no more are refused and at least `wanted` were, or after some seconds."""
    clients = []
    for number in range(count):
        client = Client(server, source=sources[number % len(sources)], wait=3)
        try:
            client.send(head("PUT /e HTTP/1.1", "Host: a", "Content-Length: %d" % (size + 1)))
            client.send(b"a" * size)
        except (Gone, socket.timeout, TimeoutError):
            pass
        clients.append(client)
    def with_answer():
        return sum(client.is_answered() for client in clients)

    seen, since, begin = with_answer(), time.monotonic(), time.monotonic()
    while (seen < wanted or time.monotonic() - since < seconds(0.7)) and time.monotonic() - begin < seconds(10):
        time.sleep(0.05)
        if with_answer() != seen:
            seen, since = with_answer(), time.monotonic()
    refused = 0
    for client in clients:
        if client.is_answered():
            try:
                refused += client.answer().status == 503
            except (Gone, socket.timeout, TimeoutError):
                refused += 1
    return clients, refused


def bodies_in_memory_are_limited_by_address(suite):
    """48 MiB in all, so 12 MiB for one address."""
    server = suite.start("--short", "--set", "bodyMs=20000")
    before = server.resident_mib()
    clients, refused = hoard(server, 30, 900000, ["127.0.0.11"], 15)
    try:
        suite.expect(15 <= refused <= 18, "%d of 30 refused, 13 fit" % refused)
        suite.expect(server.resident_mib() - before < 24 * suite.memory_factor, "bodies of 12 MiB take more")
        with Client(server, source="127.0.0.12") as other:
            suite.expect(b"BODY=900000 " in other.ask(put("/e", b"b" * 900000)).body, "another address has room")
        with Client(server, source="127.0.0.11") as same:
            suite.expect_error(same.ask(put("/e", b"b" * 900000)), 503)
    finally:
        for client in clients:
            client.close()
    has_room = lambda: Client(server, source="127.0.0.11").ask(put("/e", b"b" * 900000)).status == 200
    suite.expect(wait_until(has_room), "room is given back")
    server.stop()


def a_reserve_is_kept_for_small_bodies(suite):
    """48 MiB in all, 4 of them for small ones: large ones fill 44. Another one gets in when a slow one leaves."""
    sources = ["127.0.0.%d" % n for n in range(21, 27)]
    server = suite.start("--short", "--set", "bodyMs=20000")
    clients, refused = hoard(server, 60, 900000, sources, 7)
    try:
        suite.expect(refused >= 7, "%d of 60 refused, 51 fit" % refused)
        with Client(server, source="127.0.0.40") as other:
            suite.expect(b"BODY=900000 " in other.ask(put("/e", b"b" * 900000)).body, "a slow one leaves")
        with Client(server, source="127.0.0.40") as other:
            suite.expect(b"BODY=60000 " in other.ask(put("/e", b"b" * 60000)).body, "a small one has room")
    finally:
        for client in clients:
            client.close()
        server.stop()


def a_trusted_proxy_is_exempt_and_names_its_clients(suite):
    from protocolcases import echo
    server = suite.start("--short", "--set", "trustedProxy=127.0.0.5", "--set", "connectionsPerAddress=10", "--set",
                         "bodyMs=20000")
    clients = []
    try:
        for _ in range(30):
            client = Client(server, source="127.0.0.5")
            clients.append(client)
            suite.expect(client.is_alive(), "30 connections of the proxy")
        proxy = clients[0]
        for field, peer in (("203.0.113.9", "203.0.113.9"), ("8.8.8.8, 203.0.113.9", "203.0.113.9"),
                            ("203.0.113.9:4711", "203.0.113.9"), ("2001:db8::1", "2001:db8::1"),
                            ("[2001:db8::1]:99", "2001:db8::1"), ("::ffff:203.0.113.9", "203.0.113.9"),
                            ("unknown", "127.0.0.5"), ("127.1", "127.0.0.5"), ("", "127.0.0.5")):
            seen = echo(proxy.ask(get("/e", "X-Forwarded-For: " + field)))
            suite.expect(seen.get("PEER") == peer, "%r: %r" % (field, seen))
        seen = echo(proxy.ask(get("/e", "X-Forwarded-For: 203.0.113.1", "X-Forwarded-For: 203.0.113.2")))
        suite.expect(seen.get("PEER") == "203.0.113.2", "of two fields the last: %r" % seen)
        with Client(server, source="127.0.0.6") as stranger:
            seen = echo(stranger.ask(get("/e", "X-Forwarded-For: 203.0.113.9")))
            suite.expect(seen.get("PEER") == "127.0.0.6", "a stranger's word does not count: %r" % seen)
        hoarders, refused = hoard(server, 20, 900000, ["127.0.0.5"])
        clients += hoarders
        suite.expect(refused == 0, "the proxy has no share of its own: %d refused" % refused)
    finally:
        for client in clients:
            client.close()
        server.stop()


def accepting_goes_on_when_descriptors_were_used_up(suite):
    server = suite.start("--short", "--descriptors", "60", "--set", "connections=1000", "--set", "connectionsPerAddress=1000")
    # Somebody came, and then nobody: what accept() says then must not hide what it says later.
    suite.expect(is_served(server), "it serves")
    clients = []
    try:
        for number in range(90):
            raw = socket.socket()
            raw.settimeout(5)
            raw.connect((server.host, server.port))
            clients.append(raw)
        time.sleep(0.5)
        used = server.cpu_seconds()
        time.sleep(0.5)
        suite.expect(server.cpu_seconds() - used < 0.1, "it does not spin meanwhile")
    finally:
        for client in clients:
            client.close()
    suite.expect(wait_until(lambda: is_served(server)), "it serves again")
    server.stop()


def many_short_connections_leave_nothing_behind(suite):
    def one_thread():
        for _ in range(150):
            try:
                with Client(suite.server) as client:
                    client.ask(get("/hello", "Connection: close"))
            except (Gone, OSError) as error:
                failures.append(repr(error))

    failures = []
    for _ in range(2):
        before = suite.server.resident_mib()
        threads = [threading.Thread(target=one_thread) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    suite.expect(not failures, "%d failed: %s" % (len(failures), failures[:3]))
    suite.expect_grew_less_than(before, 6, "the second 600 connections")


def honest_clients_are_served_during_attacks(suite):
    # An honest client on a busy machine may need seconds between connecting and sending.
    server = suite.start("--short", "--set", "connections=2000", "--set", "headMs=10000")
    stop = threading.Event()

    def repeat(action):
        def body():
            while not stop.is_set():
                try:
                    action()
                except (Gone, OSError, ValueError, AssertionError):
                    pass  # attackers are cut all the time
        thread = threading.Thread(target=body, daemon=True)
        thread.start()
        return thread

    def slow_heads():
        clients = [Client(server, source="127.0.0.51", wait=2) for _ in range(50)]
        for _ in range(10):
            for client in clients:
                client.send(b"X")
            stop.wait(seconds(0.1))
        for client in clients:
            client.close()

    def hoarded_bodies():
        clients, _ = hoard(server, 20, 900000, ["127.0.0.52"])
        stop.wait(seconds(0.5))
        for client in clients:
            client.close()

    def unread_answers():
        with Client(server, source="127.0.0.53", wait=1, receive_buffer=4096) as client:
            client.send(get("/medium") * 20)
            stop.wait(seconds(1))

    def garbage():
        with Client(server, source="127.0.0.54", wait=1) as client:
            client.send(b"\0" * 100000)

    def leavers():
        with Client(server, source="127.0.0.55", wait=1) as client:
            client.send(get("/slow/%d" % seconds(500)))

    threads = [repeat(action) for action in (slow_heads, hoarded_bodies, unread_answers, garbage, leavers)]
    worst = 0
    served = 0
    try:
        for number in range(60):
            begin = time.monotonic()
            with Client(server, source="127.0.0.60") as honest:
                body = b"%d" % number * 100
                served += b"BODY=%d " % len(body) in honest.ask(put("/e", body)).body
            worst = max(worst, time.monotonic() - begin)
            time.sleep(0.05)
    finally:
        stop.set()
        for thread in threads:
            thread.join(seconds(10))
        status, said = server.stop()
    suite.expect(status == 0 and "end: 0" in said, (status, said, server.error_text()[-4000:]))
    suite.expect(served == 60, "%d of 60 were served, the slowest took %.2f s" % (served, worst))


def an_idle_server_does_not_wake_up(suite):
    server = suite.start()
    try:
        with Client(server) as client:
            suite.expect(client.is_alive(), "served")
        nobody_left = lambda: server.wakeups()
        time.sleep(1.0)
        before = nobody_left()
        used = server.cpu_seconds()
        time.sleep(2.0)
        suite.expect(server.wakeups() - before <= 2, "it woke up %d times in 2 s" % (server.wakeups() - before))
        suite.expect(server.cpu_seconds() == used, "it used processor time")
    finally:
        server.stop()


CASES = [
    a_silent_connection_is_ended,
    an_idle_connection_is_ended,
    a_slow_head_is_answered_408,
    a_slow_head_on_a_used_connection_is_answered_408,
    a_slow_body_is_answered_408,
    a_slow_chunked_body_is_answered_408,
    a_refused_body_that_never_comes_ends_the_connection,
    a_stuck_handler_is_answered_504_and_its_late_answer_is_harmless,
    endless_heads_cost_bounded_memory,
    endless_bodies_cost_bounded_memory,
    a_pipeliner_that_never_reads_costs_bounded_memory,
    an_unread_answer_is_cut,
    an_answer_read_by_drips_is_cut,
    one_address_gets_its_share_of_connections,
    all_seats_are_counted_and_come_back,
    bodies_in_memory_are_limited_by_address,
    a_reserve_is_kept_for_small_bodies,
    a_trusted_proxy_is_exempt_and_names_its_clients,
    accepting_goes_on_when_descriptors_were_used_up,
    many_short_connections_leave_nothing_behind,
    honest_clients_are_served_during_attacks,
    an_idle_server_does_not_wake_up,
]
