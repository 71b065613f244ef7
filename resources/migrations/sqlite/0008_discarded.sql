-- SPDX-License-Identifier: GPL-3.0-or-later
-- How many of the entries that were given up the operator threw away; the others expired. From this version on movements
-- (0001) tell what this relay sent by itself from what its owner collected, which an older program cannot read.
ALTER TABLE given_up ADD COLUMN discarded INTEGER NOT NULL DEFAULT 0;
