-- Windows of filters with a `limit`: how many alerts of a key have stayed active since the window began.
CREATE TABLE tallies (
    filter TEXT NOT NULL,
    key    BLOB NOT NULL,
    began  INTEGER NOT NULL,
    until  INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (filter, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX tallies_by_end ON tallies (until);

-- How many keys each filter has, so that there is an end to them without counting.
CREATE TABLE tally_sizes (
    filter TEXT PRIMARY KEY,
    keys   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER tallies_more AFTER INSERT ON tallies BEGIN
    INSERT INTO tally_sizes (filter, keys) VALUES (new.filter, 1) ON CONFLICT (filter) DO UPDATE SET keys = keys + 1;
END;
CREATE TRIGGER tallies_fewer AFTER DELETE ON tallies BEGIN
    UPDATE tally_sizes SET keys = keys - 1 WHERE filter = old.filter;
END;

-- How often each filter and playbook was met, and when last; by the hour, how often filters dismissed.
CREATE TABLE hits (
    kind      TEXT NOT NULL, -- 'filter' or 'playbook'
    rule      TEXT NOT NULL,
    hits      INTEGER NOT NULL,
    dismissed INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    PRIMARY KEY (kind, rule)
) STRICT, WITHOUT ROWID;
CREATE TABLE dismissals (
    hour   INTEGER NOT NULL, -- hours since 1970
    filter TEXT NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (hour, filter)
) STRICT, WITHOUT ROWID;

-- What kinds of alerts came in, and how many of them met any filter or playbook.
CREATE TABLE alert_types (
    alert_type TEXT PRIMARY KEY,
    alerts     INTEGER NOT NULL,
    met        INTEGER NOT NULL,
    last       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The version of each filter that was last seen: since when it decides, and whether it only records for now.
CREATE TABLE filter_versions (
    filter   TEXT PRIMARY KEY,
    text     TEXT NOT NULL,
    since    INTEGER NOT NULL,
    earlier  INTEGER NOT NULL, -- what the version before it dismissed in the hour it began in
    vouched  INTEGER NOT NULL DEFAULT 0,
    held     INTEGER,
    held_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX filter_versions_held ON filter_versions (held) WHERE held IS NOT NULL;
