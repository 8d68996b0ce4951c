-- database: strategies
-- deploy
-- Columns without a type keep what they are given exactly as it was, storage class included.

-- The tables that rows were taken from, by what their columns were found to be.
CREATE TABLE migration_sources (
    id INTEGER PRIMARY KEY,
    database_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    shape TEXT NOT NULL,
    columns TEXT NOT NULL, -- JSON: names in the order in which `storage` and `carried` hold values
    UNIQUE (database_name, table_name)
);

-- Which new id a legacy row has got.
CREATE TABLE domain_id_map (
    source INTEGER NOT NULL REFERENCES migration_sources(id),
    source_row INTEGER NOT NULL,
    legacy_id,
    kind TEXT NOT NULL, -- 'strategy', 'component'
    domain_id TEXT NOT NULL,
    PRIMARY KEY (source, source_row)
) WITHOUT ROWID;

-- What a strategy is beyond its name, one row for each strategy.
-- storage: one letter for each legacy column (n null, i integer, r real, z negative zero, t text,
-- b blob as hexadecimal, d stands in a column of its own); carried: the values as a JSON array.
CREATE TABLE domain_strategy_configurations (
    strategy_id TEXT PRIMARY KEY REFERENCES domain_strategies(id),
    source INTEGER REFERENCES migration_sources(id),
    source_row INTEGER,
    strategy_type TEXT,
    is_active INTEGER,
    entry_logic TEXT NOT NULL DEFAULT 'AND',
    exit_logic TEXT NOT NULL DEFAULT 'AND',
    configuration TEXT NOT NULL, -- JSON
    storage TEXT,
    carried TEXT
);

CREATE TABLE domain_strategy_components (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL REFERENCES domain_strategies(id),
    component_type TEXT NOT NULL,
    component_data TEXT NOT NULL, -- JSON
    ordinal INTEGER,
    source INTEGER REFERENCES migration_sources(id),
    source_row INTEGER,
    storage TEXT,
    carried TEXT
);

CREATE TABLE domain_management_rules (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL REFERENCES domain_strategies(id),
    trigger_id TEXT REFERENCES domain_triggers(id),
    rule_type TEXT NOT NULL CHECK (rule_type IN ('pyramid_buying', 'scale_in_buying',
        'trailing_stop', 'fixed_stop_take', 'time_based_exit', 'partial_take_profit')),
    priority INTEGER NOT NULL,
    parameters TEXT NOT NULL -- JSON
);

CREATE INDEX idx_domain_management_rules_strategy_id ON domain_management_rules(strategy_id);

-- The definition of a condition; several triggers may use one.
CREATE TABLE domain_conditions (
    id TEXT PRIMARY KEY,
    source INTEGER REFERENCES migration_sources(id),
    source_row INTEGER,
    duplicate_of TEXT REFERENCES domain_conditions(id),
    legacy_id,
    name, description,
    variable_id, variable_name, variable_params,
    operator, comparison_type, target_value, external_variable, external_params,
    trend_direction,
    is_active, category, role, logic, ordinal,
    created_at, updated_at, usage_count, success_rate, chart_category,
    storage TEXT,
    carried TEXT
) WITHOUT ROWID;

-- Which condition a trigger is made from, and what the link between them said.
CREATE TABLE domain_trigger_conditions (
    trigger_id TEXT PRIMARY KEY REFERENCES domain_triggers(id),
    condition_id TEXT NOT NULL REFERENCES domain_conditions(id),
    role_from TEXT NOT NULL, -- 'legacy' or 'operator'
    ordinal INTEGER,
    logic TEXT,
    source INTEGER REFERENCES migration_sources(id),
    source_row INTEGER,
    storage TEXT,
    carried TEXT
) WITHOUT ROWID;

-- Money and volumes are decimal text: no binary fraction of a coin.
CREATE TABLE domain_positions (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL REFERENCES domain_strategies(id),
    market TEXT NOT NULL,
    volume TEXT NOT NULL,
    average_price TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT
);

CREATE TABLE domain_position_history (
    id INTEGER PRIMARY KEY,
    position_id TEXT NOT NULL REFERENCES domain_positions(id),
    trigger_id TEXT REFERENCES domain_triggers(id),
    action TEXT NOT NULL,
    volume TEXT NOT NULL,
    price TEXT NOT NULL,
    happened_at TEXT NOT NULL
);

-- 수동 검토 필요: what could not be converted, whole, and why.
CREATE TABLE migration_review (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES migration_sources(id),
    source_row INTEGER NOT NULL,
    part TEXT NOT NULL DEFAULT '', -- '' the whole row, else the JSON path of a part of it
    reason TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT '수동 검토 필요',
    storage TEXT,
    carried TEXT NOT NULL
);

CREATE INDEX idx_migration_review_source ON migration_review(source, source_row);

-- verify
SELECT source, source_row, legacy_id, kind, domain_id FROM domain_id_map WHERE 0;
SELECT strategy_id, configuration, storage, carried FROM domain_strategy_configurations WHERE 0;
SELECT id, trigger_id, rule_type, priority, parameters FROM domain_management_rules WHERE 0;
SELECT id, legacy_id, variable_params, storage, carried FROM domain_conditions WHERE 0;
SELECT trigger_id, condition_id FROM domain_trigger_conditions WHERE 0;
SELECT reason, status, storage, carried FROM migration_review WHERE 0;

-- revert
DROP TABLE migration_review;
DROP TABLE domain_position_history;
DROP TABLE domain_positions;
DROP TABLE domain_trigger_conditions;
DROP TABLE domain_conditions;
DROP TABLE domain_management_rules;
DROP TABLE domain_strategy_components;
DROP TABLE domain_strategy_configurations;
DROP TABLE domain_id_map;
DROP TABLE migration_sources;
