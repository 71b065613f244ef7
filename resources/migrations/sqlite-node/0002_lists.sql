-- SPDX-License-Identifier: GPL-3.0-or-later
-- What lists show of an entry, apart from its body: `events` has a line for each of the first few events, its columns
-- kind (p or e), type, sender and room, with tabs between them.

CREATE TABLE summaries (
    id INTEGER PRIMARY KEY,
    events TEXT NOT NULL
);
-- Entries of before that have none, up to this id; they get theirs piece by piece.
INSERT INTO meta (name, value) SELECT 'unsummarised_to', CAST(MAX(id) AS TEXT) FROM inbox HAVING COUNT(*) > 0;

-- What went to each destination: failures go on after a restart, and so do these.
ALTER TABLE destinations ADD COLUMN sent_direct INTEGER NOT NULL DEFAULT 0;
ALTER TABLE destinations ADD COLUMN sent_by_relay INTEGER NOT NULL DEFAULT 0;
