-- SPDX-License-Identifier: GPL-3.0-or-later
-- Names whose requests for their mail carried a time and a nonce: from them a request without is refused. ahead_ms: the
-- furthest that their clock was seen ahead of ours.
CREATE TABLE fresh_names (
    server BLOB NOT NULL PRIMARY KEY,
    ahead_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) WITHOUT ROWID;
