-- SPDX-License-Identifier: GPL-3.0-or-later
-- A large body stands here, in as many transactions as it has parts, so that it holds up nobody's small mail. The row in
-- entries comes with the last part: body is the number of its first one, parts how many there are, pdus and edus are
-- empty then. The numbers of a body begin with a multiple of 65,536 that no other has had; those of the EDUs are above
-- the first 32,768 of it. Until the row is there, meta has unfinished_body: and that number: a start deletes such parts.
CREATE TABLE parts (
    number INTEGER PRIMARY KEY,
    bytes BLOB NOT NULL
);
ALTER TABLE entries ADD COLUMN body INTEGER;
ALTER TABLE entries ADD COLUMN parts INTEGER;
