-- SPDX-License-Identifier: GPL-3.0-or-later
-- A server's key document stands once, not with each of its keys. rank: 0 where no request was ever verified with a key
-- of the server, 1 where one was, 2 of a server that is served here; what has to go goes in that order, oldest first.
CREATE TABLE key_documents (
    id INTEGER PRIMARY KEY,
    server BLOB NOT NULL UNIQUE,
    rank INTEGER NOT NULL DEFAULT 0,
    fetched_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    document BLOB NOT NULL
);
CREATE INDEX key_documents_by_age ON key_documents (rank, fetched_ms, size);

-- Of each server the newest one: SQLite takes the other columns from the row that has the maximum.
INSERT INTO key_documents (server, fetched_ms, size, document)
SELECT server, MAX(fetched_ms), length(document), document FROM server_keys WHERE length(document) > 0 GROUP BY server;

CREATE TABLE server_keys_new (
    server BLOB NOT NULL,
    key_id BLOB NOT NULL,
    public_key BLOB NOT NULL,
    valid_until_ms INTEGER NOT NULL,
    fetched_ms INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    old INTEGER NOT NULL,
    rank INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (server, key_id)
) WITHOUT ROWID;
INSERT INTO server_keys_new (server, key_id, public_key, valid_until_ms, fetched_ms, pinned, old)
SELECT server, key_id, public_key, valid_until_ms, fetched_ms, pinned, old FROM server_keys;
DROP TABLE server_keys;
ALTER TABLE server_keys_new RENAME TO server_keys;
CREATE INDEX server_keys_by_age ON server_keys (pinned, rank, fetched_ms);

-- Mail of these servers was taken in, so a signature of theirs was good.
UPDATE server_keys SET rank = 1 WHERE server IN (SELECT name FROM origins);
UPDATE key_documents SET rank = 1 WHERE server IN (SELECT name FROM origins);
