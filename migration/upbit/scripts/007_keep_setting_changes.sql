-- database: settings
-- deploy
-- Each change that normalising made, so that it can be read, counted and taken back.
CREATE TABLE migration_setting_changes (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('update', 'insert')),
    table_name TEXT NOT NULL,
    row INTEGER NOT NULL, -- rowid of the row
    column_name TEXT NOT NULL DEFAULT '',
    before_value,
    after_value,
    rule TEXT NOT NULL
);

-- What could be normalised only by guessing.
CREATE TABLE migration_setting_remarks (
    id INTEGER PRIMARY KEY,
    table_name TEXT NOT NULL,
    row INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    reason TEXT NOT NULL
);

-- verify
SELECT kind, table_name, row, column_name, before_value, after_value, rule
FROM migration_setting_changes WHERE 0;
SELECT table_name, row, column_name, reason FROM migration_setting_remarks WHERE 0;

-- revert
DROP TABLE migration_setting_remarks;
DROP TABLE migration_setting_changes;
