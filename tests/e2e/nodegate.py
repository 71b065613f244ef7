# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates that stand before relays, so that a node that collects can be killed in the middle of it, at a known moment."""

import http.server
import sys
import threading

from restanted import WAIT_SECONDS

from matrixwire import Relay  # restanted.py put conformance/ on the path

# When the process is killed, after that number of answers with mail has passed:
HALF_AN_ANSWER = "half an answer"  # of the next one, half has been written
AN_ANSWER = "an answer"  # the last one has just been written: it is being read, or kept
KEPT = "kept"  # the request that acknowledges it is on its way and does not arrive
ACKNOWLEDGED = "acknowledged"  # it did arrive, and its answer is lost
MOMENTS = (HALF_AN_ANSWER, AN_ANSWER, KEPT, ACKNOWLEDGED)


class Gate:
    """Lets a number of answers of several relays pass to one node, and holds the others back."""

    def __init__(self):
        self.lock = threading.Condition()
        self.moment = None  # None: everything passes
        self.round = 0
        self.left = 0  # answers that may still pass
        self.reached = False
        self.doors = []

    def door(self, relay_base, relay_name):
        """The address of a door that leads to this relay."""
        door = Door(self, relay_base, relay_name)
        self.doors.append(door)
        return door.base

    def close(self):
        self.open()
        for door in self.doors:
            door.server.shutdown()
            door.server.server_close()

    def hold(self, answers, moment):
        with self.lock:
            self.left, self.moment, self.reached = answers, moment, False

    def open(self):
        """Everything passes from now on; what is held back is dropped."""
        with self.lock:
            self.round += 1
            self.moment = None
            for door in self.doors:
                door.passed = False
            self.lock.notify_all()

    def until_reached(self):
        with self.lock:
            assert self.lock.wait_for(lambda: self.reached, WAIT_SECONDS), f"{self.moment} never came, {self.left} left"

    # What a door asks:

    def now(self):
        """The round that a new connection belongs to."""
        with self.lock:
            return self.round

    def may_ask(self, door, of_round):
        """Whether a request may go on to the relay; waits where it may not, until it is dropped."""
        with self.lock:
            if self.moment == KEPT and self.left == 0 and door.passed:
                return self._reach(of_round)
            return of_round == self.round

    def may_pass(self, door, of_round, is_mail):
        """How much of an answer may pass; waits where it is nothing, until it is dropped."""
        with self.lock:
            if of_round != self.round:
                return 0.0
            if self.moment is None or not is_mail:
                return 1.0
            if self.left > 0:
                self.left -= 1
                door.passed = True
                return 1.0
            if self.moment == HALF_AN_ANSWER and not self.reached:
                return 0.5
            if self.moment == ACKNOWLEDGED and door.passed:
                self._reach(of_round)
            else:
                self.lock.wait_for(lambda: of_round != self.round)
            return 0.0

    def wrote(self, of_round, part):
        """An answer, or half of one, is in the node's socket."""
        with self.lock:
            if part < 1 or (self.moment == AN_ANSWER and self.left == 0):
                self.reached = True
                self.lock.notify_all()
            if part < 1:
                self.lock.wait_for(lambda: of_round != self.round)

    def _reach(self, of_round):
        self.reached = True
        self.lock.notify_all()
        self.lock.wait_for(lambda: of_round != self.round)
        return False


class Door:
    """Takes requests for one relay and hands them on."""

    def __init__(self, gate, relay_base, relay_name):
        self.passed = False  # an answer with mail, since the gate was last open
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.of_round = gate.now()
                self.relay = Relay(relay_base, relay_name)

            def finish(self):
                self.relay.close()
                super().finish()

            def do_GET(self):
                self.close_connection = not self.hand_on()

            def hand_on(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if not gate.may_ask(door, self.of_round):
                    return False
                reply = self.relay.request("GET", self.path, body, {"Authorization": self.headers["Authorization"]})
                part = gate.may_pass(door, self.of_round, b'"entries_queued":true' in reply.body)
                if part == 0:
                    return False
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body[: int(len(reply.body) * part)])
                gate.wrote(self.of_round, part)
                return part == 1

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                if not isinstance(sys.exc_info()[1], ConnectionError):  # of a process that was killed
                    super().handle_error(request, client_address)

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
