-- database: strategies
-- deploy
-- Every state that a strategy ever had; a version is written once and stays.
CREATE TABLE domain_strategy_versions (
    strategy_id TEXT NOT NULL REFERENCES domain_strategies(id),
    version INTEGER NOT NULL CHECK (version >= 1),
    snapshot TEXT NOT NULL, -- JSON
    sha256 TEXT NOT NULL,
    change_type TEXT NOT NULL,
    created_at TEXT NOT NULL,
    parent_version INTEGER,
    PRIMARY KEY (strategy_id, version),
    FOREIGN KEY (strategy_id, parent_version)
        REFERENCES domain_strategy_versions(strategy_id, version)
);

CREATE TRIGGER domain_strategy_versions_stay BEFORE UPDATE ON domain_strategy_versions
BEGIN
    SELECT RAISE(ABORT, 'a version of a strategy never changes');
END;

CREATE TRIGGER domain_strategy_versions_are_kept BEFORE DELETE ON domain_strategy_versions
BEGIN
    SELECT RAISE(ABORT, 'a version of a strategy is never deleted');
END;

-- verify
SELECT strategy_id, version, snapshot, sha256, change_type, created_at, parent_version
FROM domain_strategy_versions WHERE 0;
SELECT count(*) = 2 FROM sqlite_schema
WHERE type = 'trigger' AND tbl_name = 'domain_strategy_versions';

-- revert
DROP TABLE domain_strategy_versions;
