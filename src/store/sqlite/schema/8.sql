-- A generation's files as lists, `[["rules/a.yaml", "<digest of its content>"], …]`, several of a large set: each is kept among
-- the contents, so that what generations share is written once. Generations of before have one list of their own.
ALTER TABLE generations ADD COLUMN lists TEXT; -- JSON: the digests of its lists
ALTER TABLE generations ADD COLUMN files TEXT; -- the list itself, of those of before
UPDATE generations SET files = (
    SELECT json_group_array(json_array(name, digest))
    FROM (SELECT name, sources.digest AS digest FROM generation_files JOIN sources ON sources.seq = source
          WHERE generation = generations.seq ORDER BY name)
);
DROP TABLE generation_files;

-- Texts of filters: since when each is known, since when it decides, and what was said of it. One that comes back is what it was.
CREATE TABLE filter_texts (
    filter   TEXT NOT NULL,
    text     TEXT NOT NULL,
    since    INTEGER NOT NULL,
    began    INTEGER NOT NULL,
    earlier  INTEGER NOT NULL, -- what others before it dismissed in the hour it began in
    current  INTEGER NOT NULL,
    vouched  INTEGER NOT NULL DEFAULT 0,
    held     INTEGER,
    held_why TEXT,
    PRIMARY KEY (filter, text)
) STRICT, WITHOUT ROWID;
INSERT INTO filter_texts SELECT filter, text, since, since, earlier, 1, vouched, held, held_why FROM filter_versions;
DROP TABLE filter_versions;
CREATE INDEX filter_texts_held ON filter_texts (held) WHERE held IS NOT NULL;

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
