-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the courier knows of the mail that it hands to the homeserver.

-- Entries of the inbox that are in a state of their own, by their id: 1 being sent, since the time given, so that after
-- a crash nobody knows whether the homeserver has them; 2 parked; 3 to be sent at next_ms or later; 4 without usable
-- proof of their sender; 5 delivered, and about to leave the inbox; 6 its events delivered, while the rest waits for a
-- proof, until next_ms. Times are wall clock milliseconds.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    next_ms INTEGER NOT NULL,
    reason TEXT NOT NULL
);

-- Transaction ids that the homeserver knows: it answers them from memory, whatever else is in them.
CREATE TABLE sent_ids (
    origin BLOB NOT NULL,
    txn_id BLOB NOT NULL,
    sent_ms INTEGER NOT NULL,
    PRIMARY KEY (origin, txn_id)
) WITHOUT ROWID;
CREATE INDEX sent_ids_age ON sent_ids (sent_ms);

-- Events that the homeserver was given: it may ask for them again if it lacked those before them. error: what it said
-- of this one.
CREATE TABLE delivered (
    id INTEGER PRIMARY KEY,
    delivered_ms INTEGER NOT NULL,
    origin BLOB NOT NULL,
    room TEXT NOT NULL,
    depth INTEGER NOT NULL,
    error TEXT NOT NULL,
    pdu BLOB NOT NULL
);
CREATE INDEX delivered_place ON delivered (room, depth);

-- The ids that such an event may have (matrix::possibleEventIds).
CREATE TABLE delivered_ids (
    event_id BLOB NOT NULL,
    delivered INTEGER NOT NULL,
    PRIMARY KEY (event_id, delivered)
) WITHOUT ROWID;
CREATE INDEX delivered_ids_of ON delivered_ids (delivered);
