-- Times are UTC. Memory: never derived, never deleted by a rebuild, migrated by adding memory_2.sql and so on.

CREATE TABLE sessions (
    name    VARCHAR,
    created TIMESTAMP,
    used    TIMESTAMP,
    state   VARCHAR            -- the FIFO queue, blocks and page table at the last consistent step (JSON)
);

-- Recall storage: every message and event ever, append-only.
CREATE TABLE messages (
    session VARCHAR,
    number  BIGINT,            -- grows by one within a session
    role    VARCHAR,           -- user, assistant, tool, interrupt, summary, failure
    content VARCHAR,
    detail  VARCHAR,           -- tool calls and the like (JSON)
    time    TIMESTAMP
);

-- Archival storage: notes that the model wrote, anchored to code where it said so.
CREATE TABLE notes (
    id      BIGINT,
    session VARCHAR,
    text    VARCHAR,
    anchors VARCHAR,           -- JSON list of {"path", "symbol", "hash"}
    time    TIMESTAMP
);

-- Working-context blocks: `project` here, `task` in the session's state, `user` in the user's own database.
CREATE TABLE blocks (name VARCHAR, text VARCHAR, time TIMESTAMP);
