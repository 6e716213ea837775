-- Runs that can go on are handed out playbook by playbook in turn, so they are looked up by playbook, oldest first.
CREATE INDEX runs_ready_by_playbook ON runs (playbook) WHERE wakes > seen;
DROP INDEX runs_ready;
