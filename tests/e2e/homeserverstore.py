# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in homeserver's database: what outlives kill -9."""

import contextlib
import json
import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS keys (server TEXT, key_id TEXT, key TEXT, valid_until INT, PRIMARY KEY (server, key_id));
CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, version TEXT, state TEXT, extremities TEXT);
CREATE TABLE IF NOT EXISTS events (stream INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, room TEXT, depth INT,
                                   outlier INT, pdu TEXT);
CREATE TABLE IF NOT EXISTS staged (n INTEGER PRIMARY KEY AUTOINCREMENT, origin TEXT, txn TEXT, room TEXT, id TEXT,
                                   pdu TEXT);
CREATE TABLE IF NOT EXISTS records (seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, id TEXT, via TEXT, txn TEXT,
                                    content TEXT);
CREATE TABLE IF NOT EXISTS answers (origin TEXT, txn TEXT, status INT, answer TEXT, at INT, PRIMARY KEY (origin, txn));
CREATE TABLE IF NOT EXISTS message_ids (origin TEXT, id TEXT, at INT, PRIMARY KEY (origin, id));
CREATE TABLE IF NOT EXISTS owed (destination TEXT, room TEXT, stream INT, PRIMARY KEY (destination, room));
CREATE TABLE IF NOT EXISTS last_sent (destination TEXT PRIMARY KEY, stream INT);
CREATE TABLE IF NOT EXISTS edus_out (n INTEGER PRIMARY KEY AUTOINCREMENT, destination TEXT, edu TEXT);
CREATE TABLE IF NOT EXISTS backoffs (destination TEXT PRIMARY KEY, until INT, length INT);
"""


class Store:
    """Outside of `together` each statement is a transaction of its own. `path` None: in memory. Synced to no disk."""

    def __init__(self, path):
        self.database = sqlite3.connect(path or ":memory:", isolation_level=None)
        self.database.execute("PRAGMA synchronous = OFF")
        self.database.executescript(TABLES)

    def run(self, statement, *values):
        """Returns the number of the row that was put in."""
        return self.database.execute(statement, values).lastrowid

    def all(self, statement, *values):
        return self.database.execute(statement, values).fetchall()

    def one(self, statement, *values):
        return self.database.execute(statement, values).fetchone()

    @contextlib.contextmanager
    def together(self):
        """One transaction, all of it or nothing; nothing may be awaited within."""
        self.database.execute("BEGIN")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def meta(self, name, otherwise=None):
        row = self.one("SELECT value FROM meta WHERE name = ?", name)
        return json.loads(row[0]) if row else otherwise

    def set_meta(self, name, value):
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, json.dumps(value))

    def close(self):
        self.database.close()
