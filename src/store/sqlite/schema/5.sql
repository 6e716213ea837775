-- When a request is not sent any more, so that what has expired is found without looking at what has not.
ALTER TABLE steps ADD COLUMN expires INTEGER;
CREATE INDEX steps_expiry ON steps (connection, expires) WHERE status = 'pending' AND expires IS NOT NULL;
ALTER TABLE dead_letters ADD COLUMN expires INTEGER;
CREATE INDEX dead_letters_expiry ON dead_letters (connection, expires)
    WHERE status = 'redriven' AND expires IS NOT NULL;

-- The beginning of what was answered.
ALTER TABLE attempts ADD COLUMN answer TEXT;

-- An alert as an update left it, for the runs that the update called for.
CREATE TABLE updates (
    seq  INTEGER PRIMARY KEY,
    body TEXT NOT NULL,
    seal INTEGER NOT NULL
) STRICT;
ALTER TABLE runs ADD COLUMN updated INTEGER; -- the number of the update a run is for

-- Mails go over a lane whose name people read.
UPDATE steps SET connection = 'email' WHERE connection = '@email';
UPDATE dead_letters SET connection = 'email' WHERE connection = '@email';
