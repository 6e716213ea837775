-- What decided: the content of each generation of rules that ever decided on an alert, each file's content once.
CREATE TABLE generations (
    seq     INTEGER PRIMARY KEY,
    digest  TEXT NOT NULL UNIQUE,
    decided INTEGER NOT NULL -- first
) STRICT;

-- The commits a generation's files stood on when it decided; an empty commit where none was known.
CREATE TABLE revisions (
    generation  INTEGER NOT NULL,
    commit_id   TEXT NOT NULL,
    dirty       INTEGER NOT NULL,
    author      TEXT,
    commit_time INTEGER,
    decided     INTEGER NOT NULL, -- first
    PRIMARY KEY (generation, commit_id, dirty)
) STRICT, WITHOUT ROWID;

CREATE TABLE generation_files (
    generation INTEGER NOT NULL,
    name       TEXT NOT NULL,
    source     INTEGER NOT NULL,
    PRIMARY KEY (generation, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
    seq     INTEGER PRIMARY KEY,
    digest  TEXT NOT NULL UNIQUE,
    content BLOB NOT NULL
) STRICT;
