-- Working-context blocks that a user defined, beside `task`, `project` and `user`. Their texts are in `blocks`.
CREATE TABLE block_kinds (name VARCHAR, about VARCHAR, tokens INTEGER, read_only BOOLEAN);
