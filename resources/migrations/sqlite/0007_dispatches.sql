-- SPDX-License-Identifier: GPL-3.0-or-later
-- What this relay sends by itself for servers that it works for (relay.sends_for). state: 1 it is being sent, and may have
-- arrived; 2 the destination took it; 3 it is parked, for reason. Rows of entries that are gone are forgotten with time: a
-- homeserver remembers a transaction id for a day.
CREATE TABLE dispatches (
    destination BLOB NOT NULL,
    id INTEGER NOT NULL,
    origin BLOB NOT NULL,
    txn_id BLOB NOT NULL,
    state INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (destination, id)
) WITHOUT ROWID;
CREATE INDEX dispatches_by_transaction ON dispatches (destination, origin, txn_id);

-- How many entries of such a server have expired before they could be sent, for it to ask about.
CREATE TABLE given_up (
    origin BLOB NOT NULL,
    destination BLOB NOT NULL,
    entries INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    PRIMARY KEY (origin, destination)
) WITHOUT ROWID;
