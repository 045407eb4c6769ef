-- What the user calls a conversation; NULL: its first question is its title.
ALTER TABLE sessions ADD COLUMN title VARCHAR;

-- Conversations as their user sees them, one row a question. `messages` has what the model saw.
CREATE TABLE turns (
    session     VARCHAR,
    number      BIGINT,    -- grows by one within a session
    question    VARCHAR,
    attachments VARCHAR,   -- JSON list of {"path", "symbol", "start", "end"}
    time        TIMESTAMP,
    answer      VARCHAR,   -- the result as `memls ask --format json` prints it; '' where there is none
    steps       VARCHAR,   -- JSON list of events
    failure     VARCHAR    -- why there is no answer; '' where there is one, or where it is not known yet
);
