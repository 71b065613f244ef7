-- SPDX-License-Identifier: GPL-3.0-or-later
-- Names whose requests for their mail carried a time and a nonce: from them a request without is refused. latest_ts: no
-- such time that was more than seconds ahead of our clock was later; 0: none was ahead.
CREATE TABLE fresh_names (
    server BLOB NOT NULL PRIMARY KEY,
    latest_ts INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) WITHOUT ROWID;
