"""The share store's tables, as SQLite makes them. Times in us UTC."""

from __future__ import annotations

VERSION = 1
"""Kept in SQLite's user_version; a store of a later version is refused."""

TABLES = """
CREATE TABLE custodian (
  name TEXT PRIMARY KEY,          -- the person's lasting name
  recipient TEXT NOT NULL,        -- public key (age1...) that shares are encrypted to
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  changed INTEGER NOT NULL,       -- when this row was last written
  signature BLOB NOT NULL         -- of the recorder's key over all other columns
) STRICT;

CREATE TABLE epoch (
  id TEXT PRIMARY KEY,            -- camera/YYYY-MM-DD/HH
  recipient TEXT NOT NULL,        -- public key (age1...) that segments are sealed to
  threshold INTEGER NOT NULL CHECK (threshold >= 2),
  created INTEGER NOT NULL,
  destroyed INTEGER,              -- when its shares were destroyed; the row stays as a tombstone
  signature BLOB NOT NULL         -- of the recorder's key over id, recipient, threshold and created
) STRICT;

CREATE TABLE slot (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  content BLOB NOT NULL           -- what must leave no trace, padded with zeros; all zeros once it is erased
) STRICT;

CREATE TABLE vacant (
  slot INTEGER PRIMARY KEY REFERENCES slot (id),
  length INTEGER NOT NULL         -- of its content
) STRICT;
CREATE INDEX vacant_length ON vacant (length);

CREATE TABLE share (
  epoch TEXT NOT NULL REFERENCES epoch (id),
  custodian TEXT NOT NULL REFERENCES custodian (name),
  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 255),
  size INTEGER NOT NULL,          -- bytes of the age file to the custodian's recipient
  slot INTEGER NOT NULL UNIQUE REFERENCES slot (id),
  PRIMARY KEY (epoch, custodian),
  UNIQUE (epoch, number)
) STRICT;

CREATE TABLE release (
  id TEXT PRIMARY KEY,
  request TEXT NOT NULL,          -- number of the request that it serves
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  recipient TEXT NOT NULL,        -- one-time public key that custodians answer to
  document TEXT NOT NULL,         -- what all custodians are asked, without the shares, as canonical JSON
  signature BLOB NOT NULL         -- of the recorder's key over all other columns
) STRICT;

CREATE TABLE answer (
  release TEXT NOT NULL REFERENCES release (id),
  custodian TEXT NOT NULL REFERENCES custodian (name),
  received INTEGER NOT NULL,
  size INTEGER NOT NULL,          -- bytes of the age file to the release's recipient
  slot INTEGER NOT NULL UNIQUE REFERENCES slot (id),
  PRIMARY KEY (release, custodian)
) STRICT;

CREATE TRIGGER slot_stays BEFORE DELETE ON slot
BEGIN SELECT RAISE(ABORT, 'a slot is erased where it lies'); END;
CREATE TRIGGER epoch_stays BEFORE DELETE ON epoch
BEGIN SELECT RAISE(ABORT, 'an epoch leaves a tombstone'); END;
CREATE TRIGGER epoch_is_what_it_was BEFORE UPDATE ON epoch
WHEN OLD.destroyed IS NOT NULL OR NEW.id <> OLD.id OR NEW.recipient <> OLD.recipient OR NEW.created <> OLD.created
BEGIN SELECT RAISE(ABORT, 'a destroyed epoch never returns'); END;
CREATE TRIGGER share_of_the_living BEFORE INSERT ON share
WHEN (SELECT destroyed FROM epoch WHERE id = NEW.epoch) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a destroyed epoch never returns'); END;
"""
