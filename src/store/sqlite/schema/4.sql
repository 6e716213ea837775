-- Whether the lane of a connection sends, and if not, since when and until when; no row for one that always did.
CREATE TABLE lanes (
    connection TEXT PRIMARY KEY,
    state      TEXT NOT NULL,
    since      INTEGER NOT NULL,
    until      INTEGER,
    openings   INTEGER NOT NULL -- how often in a row it has opened
) STRICT, WITHOUT ROWID;
