-- database: books
-- deploy
CREATE TABLE balances (account TEXT PRIMARY KEY, cents INTEGER NOT NULL);
INSERT INTO balances SELECT account, sum(cents) FROM entries GROUP BY account;
-- verify
SELECT count(*) = 0 FROM entries WHERE account NOT IN (SELECT account FROM balances);
-- revert
DROP TABLE balances;
