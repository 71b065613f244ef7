-- Since when an origin is silent, and the keyed hash of the client address that its first mail of those that were taken
-- came from; 0 where that is not known. What is learned already was used last today, as far as anybody knows.
ALTER TABLE pairs ADD COLUMN last_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pairs ADD COLUMN learned_from INTEGER NOT NULL DEFAULT 0;
UPDATE pairs SET last_day = CAST(strftime('%s', 'now') AS INTEGER) / 86400 WHERE known = 1;
-- What one address holds over all destinations.
CREATE INDEX addresses_by_address ON addresses (address);
