-- Questions to people. The step that asked waits under the same run and key.
CREATE TABLE approvals (
    seq         INTEGER PRIMARY KEY,
    id          TEXT NOT NULL UNIQUE,
    run         INTEGER NOT NULL,
    key         TEXT NOT NULL,
    ask         TEXT NOT NULL,
    recipient   TEXT,
    otherwise   INTEGER, -- whether silence approves; null if it does neither
    asked       INTEGER NOT NULL,
    until       INTEGER NOT NULL,
    status      TEXT NOT NULL,
    answered    INTEGER,
    answered_by TEXT,
    comment     TEXT,
    UNIQUE (run, key)
) STRICT;
CREATE INDEX approvals_by_status ON approvals (status);
CREATE INDEX approvals_of_run ON approvals (run) WHERE status = 'pending';

-- What a playbook's runs keep for each other.
CREATE TABLE state (
    playbook TEXT NOT NULL,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    until    INTEGER NOT NULL,
    PRIMARY KEY (playbook, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX state_by_end ON state (until);

-- A run that a step of another run has started: the step, the first run of them all, and what it was given.
ALTER TABLE runs ADD COLUMN parent INTEGER;
ALTER TABLE runs ADD COLUMN parent_key TEXT;
ALTER TABLE runs ADD COLUMN root INTEGER;
ALTER TABLE runs ADD COLUMN depth INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN input TEXT;
CREATE INDEX runs_of_parent ON runs (parent) WHERE parent IS NOT NULL;
CREATE INDEX runs_of_root ON runs (root) WHERE root IS NOT NULL;

-- The strand of the script that wrote the line.
ALTER TABLE logs ADD COLUMN strand TEXT NOT NULL DEFAULT '';

-- Requests that were given up. Sent again by a person's wish they wait here, as their run has gone on without them.
CREATE TABLE dead_letters (
    seq        INTEGER PRIMARY KEY,
    message    TEXT NOT NULL UNIQUE,
    run        INTEGER NOT NULL,
    key        TEXT NOT NULL,
    connection TEXT NOT NULL,
    kind       TEXT NOT NULL,
    reason     TEXT NOT NULL,
    died       INTEGER NOT NULL,
    status     TEXT NOT NULL,
    changed    INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0, -- since it was last sent again
    due        INTEGER,
    UNIQUE (run, key)
) STRICT;
CREATE INDEX dead_letters_by_status ON dead_letters (status);
CREATE INDEX dead_letters_due ON dead_letters (connection, due) WHERE status = 'redriven';

-- Facts about the whole daemon that survive a restart, as JSON.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
