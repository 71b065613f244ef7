-- SPDX-License-Identifier: GPL-3.0-or-later
-- The keys of other servers: fetched ones, and those that the operator pinned.
CREATE TABLE server_keys (
    server BLOB NOT NULL,
    key_id BLOB NOT NULL,
    public_key BLOB NOT NULL,
    valid_until_ms INTEGER NOT NULL,
    fetched_ms INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    old INTEGER NOT NULL,
    document BLOB NOT NULL,
    PRIMARY KEY (server, key_id)
) WITHOUT ROWID;
CREATE INDEX server_keys_by_age ON server_keys (pinned, fetched_ms);
