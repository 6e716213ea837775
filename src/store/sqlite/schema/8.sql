-- A generation's files as one list, `[["rules/a.yaml", "<digest of its content>"], …]`: writing a large set down is one
-- row, and what it shares with others is written already.
ALTER TABLE generations ADD COLUMN files TEXT NOT NULL DEFAULT '[]';
UPDATE generations SET files = (
    SELECT json_group_array(json_array(name, digest))
    FROM (SELECT name, sources.digest AS digest FROM generation_files JOIN sources ON sources.seq = source
          WHERE generation = generations.seq ORDER BY name)
);
DROP TABLE generation_files;

-- What was in force when: each time another set began to decide.
CREATE TABLE ruleset_changes (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    cause       TEXT NOT NULL, -- 'start', 'files' or 'rollback'
    actor       TEXT,          -- who rolled back
    generation  TEXT NOT NULL, -- digest
    commit_id   TEXT,
    dirty       INTEGER NOT NULL,
    author      TEXT,
    commit_time INTEGER,
    filters     INTEGER NOT NULL,
    playbooks   INTEGER NOT NULL,
    counts      TEXT NOT NULL, -- JSON: how many rules came, went and changed
    diff        TEXT NOT NULL, -- for people
    untold      INTEGER NOT NULL -- whether an alert is to tell of it and has not yet
) STRICT;
CREATE INDEX ruleset_changes_untold ON ruleset_changes (seq) WHERE untold;

-- Alerts accepted by the hour: what a filter's dismissals are a share of.
CREATE TABLE accepted (
    hour  INTEGER PRIMARY KEY, -- hours since 1970
    count INTEGER NOT NULL
) STRICT;
