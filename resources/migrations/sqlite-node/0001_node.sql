-- SPDX-License-Identifier: GPL-3.0-or-later
-- What a node keeps: what it collected, and how its peers were doing.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Running totals of what each relay brought and is still here: its quota.
CREATE TABLE relays (
    id INTEGER PRIMARY KEY,
    name BLOB NOT NULL UNIQUE,
    entries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
);

-- key: keyed hash of origin and content. merged: 0 until a sweep has asked all relays, because an earlier transaction
-- of the same origin may still come from another one.
CREATE TABLE inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key BLOB NOT NULL,
    relay INTEGER NOT NULL,
    origin BLOB NOT NULL,
    txn_id BLOB NOT NULL,
    origin_server_ts INTEGER NOT NULL,
    collected_ms INTEGER NOT NULL,
    pdu_count INTEGER NOT NULL,
    edu_count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    merged INTEGER NOT NULL,
    pdus BLOB NOT NULL,
    edus BLOB NOT NULL
);
CREATE UNIQUE INDEX inbox_key ON inbox (key);
CREATE INDEX inbox_order ON inbox (origin_server_ts, id) WHERE merged = 1;
CREATE INDEX inbox_unmerged ON inbox (id) WHERE merged = 0;

-- What was taken out: a relay that was away for weeks must not bring it again.
CREATE TABLE handled (
    key BLOB PRIMARY KEY,
    id INTEGER NOT NULL,
    origin_server_ts INTEGER NOT NULL,
    gone_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX handled_gone ON handled (gone_ms);
CREATE INDEX handled_id ON handled (id);

-- The outbox's memory of each destination.
CREATE TABLE destinations (
    name BLOB PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_success_ms INTEGER NOT NULL,
    last_failure_ms INTEGER NOT NULL,
    last_error TEXT NOT NULL
) WITHOUT ROWID;
