-- Notes that say what an earlier one says: found as that one from then on, and never deleted for it.
CREATE TABLE merged (note BIGINT, into_note BIGINT);
