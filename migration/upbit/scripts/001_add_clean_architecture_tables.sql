-- database: strategies
-- deploy
-- 파일: migration/scripts/001_add_clean_architecture_tables.sql
-- Clean Architecture Domain Entity 테이블 생성

CREATE TABLE IF NOT EXISTS domain_strategies (
    id TEXT PRIMARY KEY,
    aggregate_version INTEGER NOT NULL DEFAULT 1,
    name TEXT NOT NULL,
    description TEXT,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE IF NOT EXISTS domain_triggers (
    id TEXT PRIMARY KEY,
    strategy_id TEXT NOT NULL,
    trigger_type TEXT NOT NULL, -- 'ENTRY', 'EXIT', 'MANAGEMENT'
    variable_config TEXT NOT NULL, -- JSON
    evaluation_config TEXT NOT NULL, -- JSON
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (strategy_id) REFERENCES domain_strategies(id)
);

-- 성능 최적화 인덱스
CREATE INDEX IF NOT EXISTS idx_domain_triggers_strategy_id 
ON domain_triggers(strategy_id);

CREATE INDEX IF NOT EXISTS idx_domain_triggers_type 
ON domain_triggers(trigger_type);

-- verify
SELECT id, aggregate_version, name, description, created_at, updated_at
FROM domain_strategies WHERE 0;
SELECT id, strategy_id, trigger_type, variable_config, evaluation_config, created_at
FROM domain_triggers WHERE 0;
SELECT count(*) = 6 FROM pragma_table_info('domain_strategies');
SELECT count(*) = 6 FROM pragma_table_info('domain_triggers');
SELECT count(*) = 1 FROM pragma_foreign_key_list('domain_triggers')
WHERE "table" = 'domain_strategies' AND "from" = 'strategy_id' AND "to" = 'id';
SELECT count(*) = 2 FROM sqlite_schema
WHERE type = 'index' AND name IN ('idx_domain_triggers_strategy_id', 'idx_domain_triggers_type');

-- revert
DROP TABLE domain_triggers;
DROP TABLE domain_strategies;
