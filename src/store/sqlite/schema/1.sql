-- Instants are microseconds since 1970 in UTC; lists and structured values are JSON; words are those of the HTTP
-- interface. A `seal` is the beginning of the SHA-256 digest of what a record must read back as.

-- An alert as lists need it: narrow, so that a list that must look at many stays fast. `words` and `resources` are
-- lower-cased texts to search in. Only status, severity, assignee and tags ever change, and `content`, the digest of
-- the payload the source sent last.
CREATE TABLE alerts (
    seq                INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL UNIQUE,
    origin             BLOB NOT NULL UNIQUE, -- digest of source and source id
    content            BLOB NOT NULL,
    source             TEXT NOT NULL,
    alert_type         TEXT NOT NULL,
    title              TEXT NOT NULL,
    compromised_entity TEXT,
    severity           TEXT NOT NULL,
    severity_rank      INTEGER NOT NULL,
    status             TEXT NOT NULL,
    assignee           TEXT,
    start_time         INTEGER,
    received_time      INTEGER NOT NULL,
    tactics            TEXT NOT NULL,
    tags               TEXT NOT NULL,
    dismissed_by       TEXT NOT NULL,
    words              TEXT NOT NULL,
    resources          TEXT NOT NULL
) STRICT;
-- The one index every list of alerts is read from.
CREATE INDEX alerts_listed ON alerts (status, severity_rank, received_time);

-- The alert as accepted and what was decided then. Never changes.
CREATE TABLE bodies (
    alert   INTEGER PRIMARY KEY,
    body    TEXT NOT NULL,
    verdict TEXT NOT NULL,
    seal    INTEGER NOT NULL
) STRICT;

-- What happened to an alert after it was decided; how it began can be read from the alert and its verdict.
CREATE TABLE activity (
    seq    INTEGER PRIMARY KEY,
    alert  INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT NOT NULL,
    why    TEXT
) STRICT;
CREATE INDEX activity_of_alert ON activity (alert);

-- Every playbook content that some run needs, once.
CREATE TABLE programs (
    seq     INTEGER PRIMARY KEY,
    digest  TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    seal    INTEGER NOT NULL
) STRICT;

-- A run can go on while it was woken more often than an activation has seen.
CREATE TABLE runs (
    seq        INTEGER PRIMARY KEY,
    id         TEXT NOT NULL UNIQUE,
    alert      INTEGER NOT NULL,
    playbook   TEXT NOT NULL,
    program    INTEGER NOT NULL,
    generation TEXT NOT NULL,
    rate_key   TEXT,
    status     TEXT NOT NULL,
    wakes      INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    steps      INTEGER NOT NULL, -- how many it has
    deadline   INTEGER NOT NULL,
    started    INTEGER NOT NULL,
    ended      INTEGER,
    result     TEXT,
    error      TEXT
) STRICT;
CREATE INDEX runs_ready ON runs (seq) WHERE wakes > seen;
CREATE INDEX runs_by_deadline ON runs (deadline) WHERE ended IS NULL;
CREATE INDEX runs_by_rate ON runs (playbook, rate_key, started) WHERE rate_key IS NOT NULL;
CREATE INDEX runs_of_alert ON runs (alert);
CREATE INDEX runs_by_playbook ON runs (playbook);
CREATE INDEX runs_by_status ON runs (status);

-- A step in flight has a `due` time: when the request is to be tried, or the sleep ends. `outcome` is the value of a
-- step that is done, the error of one that failed.
CREATE TABLE steps (
    run          INTEGER NOT NULL,
    key          TEXT NOT NULL,
    ordinal      INTEGER NOT NULL,
    call         TEXT NOT NULL,
    input        TEXT NOT NULL,
    hash         TEXT NOT NULL,
    line         INTEGER NOT NULL,
    effect       TEXT NOT NULL,
    effect_seal  INTEGER NOT NULL,
    connection   TEXT, -- of a request
    message      TEXT, -- of a request
    recorded     INTEGER NOT NULL,
    status       TEXT NOT NULL,
    due          INTEGER,
    attempts     INTEGER NOT NULL,
    settled      INTEGER,
    outcome      TEXT,
    outcome_seal INTEGER,
    PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX steps_request ON steps (connection, due) WHERE status = 'pending' AND connection IS NOT NULL;
CREATE INDEX steps_timer ON steps (due) WHERE status = 'pending' AND connection IS NULL;

CREATE TABLE attempts (
    run        INTEGER NOT NULL,
    key        TEXT NOT NULL,
    number     INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    status     INTEGER,
    error      TEXT,
    latency_ms INTEGER NOT NULL,
    PRIMARY KEY (run, key, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE logs (
    seq     INTEGER PRIMARY KEY,
    run     INTEGER NOT NULL,
    level   TEXT NOT NULL,
    message TEXT NOT NULL,
    fields  TEXT NOT NULL
) STRICT;
CREATE INDEX logs_of_run ON logs (run);

-- One row, written to see whether a full disk has room again.
CREATE TABLE probes (count INTEGER NOT NULL) STRICT;
INSERT INTO probes (count) VALUES (0);
