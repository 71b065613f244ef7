-- SPDX-License-Identifier: GPL-3.0-or-later
-- The content key of `meta` once more, on a page of its own. Everything else in there can be made anew; without the key
-- nothing tells any more what was collected before.

CREATE TABLE content_keys (
    value BLOB NOT NULL
);
INSERT INTO content_keys (value) SELECT value FROM meta WHERE name = 'content_key';
