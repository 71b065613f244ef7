-- SPDX-License-Identifier: GPL-3.0-or-later
-- The queue. Names of servers are kept once and meant by number elsewhere; texts from strangers are blobs of bytes.

-- Single facts: id_floor, indexed_arrival, indexed_tombstone, the keys of the two hashes, what the clock showed.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    number INTEGER,
    bytes BLOB
) WITHOUT ROWID;

-- A queue each, with its running totals as of the last fold (see movements).
CREATE TABLE destinations (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    entries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    last_id INTEGER NOT NULL DEFAULT 0,
    collected_ms INTEGER NOT NULL DEFAULT 0,
    expired INTEGER NOT NULL DEFAULT 0,
    expired_ms INTEGER NOT NULL DEFAULT 0,
    tombstones INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE origins (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE
);

-- What one origin holds with one destination, and since when the destination has taken its mail: first_day is the day
-- (since 1970) of the first acknowledgement, known is 1 after one on another day.
CREATE TABLE pairs (
    destination INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    entries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    first_day INTEGER NOT NULL DEFAULT 0,
    known INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (destination, origin)
) WITHOUT ROWID;
CREATE INDEX pairs_by_origin ON pairs (origin);

-- Localparts, for display: label 0 is "others", 1 to 100 are names as they came.
CREATE TABLE labels (
    destination INTEGER NOT NULL,
    label INTEGER NOT NULL,
    name BLOB NOT NULL,
    entries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (destination, label)
) WITHOUT ROWID;

-- What one client address, known only by a keyed hash, holds of a destination's share for unknown senders.
CREATE TABLE addresses (
    destination INTEGER NOT NULL,
    address INTEGER NOT NULL,
    entries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (destination, address)
) WITHOUT ROWID;

-- The held transactions, in the order of arrival; no arrival is given twice. dedup and rest are the first 8 and the other
-- 24 bytes of a keyed hash of origin and content. size counts against quotas; address is 0 where the origin was known.
-- The attestation columns are for an origin's own signature that comes with the transaction.
CREATE TABLE entries (
    arrival INTEGER PRIMARY KEY,
    destination INTEGER NOT NULL,
    id INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    label INTEGER NOT NULL,
    address INTEGER NOT NULL,
    dedup INTEGER NOT NULL,
    rest BLOB NOT NULL,
    size INTEGER NOT NULL,
    pdu_count INTEGER NOT NULL,
    edu_count INTEGER NOT NULL,
    origin_server_ts INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    attested_origin INTEGER,
    attestation BLOB,
    txn_id BLOB NOT NULL,
    pdus BLOB NOT NULL,
    edus BLOB NOT NULL
);

-- The next two are indexes of what arrived up to meta's indexed_arrival; a fold brings them up to date (see movements).
-- Writing them with each entry would touch a page each; sorted and in bulk they share pages.
--
-- Each queue in its order. A row whose entry is gone was acknowledged after the last fold.
CREATE TABLE positions (
    destination INTEGER NOT NULL,
    id INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    PRIMARY KEY (destination, id)
) WITHOUT ROWID;

-- What is held and what was acknowledged. A row whose entry is gone belongs to a tombstone. A collision of the first 8
-- bytes takes the next free number.
CREATE TABLE contents (
    destination INTEGER NOT NULL,
    dedup INTEGER NOT NULL,
    rest BLOB NOT NULL,
    id INTEGER NOT NULL,
    attested INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (destination, dedup)
) WITHOUT ROWID;

-- The tombstones in the order of acknowledgement, for forgetting them. No number is given twice; those after meta's
-- indexed_tombstone are news for the two indexes.
CREATE TABLE tombstones (
    number INTEGER PRIMARY KEY,
    acknowledged_ms INTEGER NOT NULL,
    destination INTEGER NOT NULL,
    dedup INTEGER NOT NULL,
    rest BLOB NOT NULL,
    id INTEGER NOT NULL,
    arrival INTEGER NOT NULL
);

-- Entries that could not be handed out, as far as they can be read.
CREATE TABLE quarantine (
    destination INTEGER NOT NULL,
    id INTEGER NOT NULL,
    set_aside_ms INTEGER NOT NULL,
    origin INTEGER,
    received_ms INTEGER,
    origin_server_ts INTEGER,
    txn_id BLOB,
    pdus BLOB,
    edus BLOB,
    PRIMARY KEY (destination, id)
);

-- What each batch since the last fold has changed (core/queue/movement.h): one small row a batch instead of several
-- updates an entry. A fold brings totals and indexes up to date and empties this.
CREATE TABLE movements (
    number INTEGER PRIMARY KEY,
    changes BLOB NOT NULL
);
