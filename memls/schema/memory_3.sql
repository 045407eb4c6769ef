-- What is searched of messages and notes: made from them when something is searched, gone with them.
CREATE TABLE items (
    item    BIGINT,     -- grows: what came later has a larger number
    session VARCHAR,
    number  BIGINT,     -- the message's in its session, the note's id
    role    VARCHAR,    -- the message's, or 'note'
    time    TIMESTAMP,
    length  INTEGER
);
CREATE TABLE item_terms (term UBIGINT, item BIGINT, frequency USMALLINT);  -- term: as in memls.index.terms
