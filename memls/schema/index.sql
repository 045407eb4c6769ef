-- The index: derived from the repository, rebuilt whenever it is missing, damaged or of another version.
-- No primary keys: DuckDB loads ten times faster without, and each table is written by one thread alone.

CREATE TABLE files (
    id          INTEGER,
    path        VARCHAR USING COMPRESSION uncompressed,  -- relative to the root, '/' between parts
    language    VARCHAR,   -- NULL: text without a grammar, or not indexed
    size        BIGINT,
    mtime_ns    BIGINT,
    stamp       BIGINT,    -- which file it is and when it last changed, whatever its time was set to
    seen_ns     BIGINT,    -- when it was read; a file as young as its reading is read again
    hash        VARCHAR,   -- XXH3-64 of the bytes on disk
    lines       INTEGER,
    errors      INTEGER,   -- syntax errors
    reason      VARCHAR,   -- why it is not indexed; NULL where it is
    ascii       BOOLEAN    -- whether its text is ASCII alone: then a byte is a column in every encoding
);

CREATE TABLE texts (file INTEGER, text VARCHAR);

-- What is read of a name's symbols, one here and one there, is not compressed: DuckDB would unpack 2,048 rows
-- for each, six times the time of the whole question. It makes the file a twelfth larger.
CREATE TABLE symbols (
    file           INTEGER,
    ordinal        INTEGER,  -- position in the file's outline
    name           VARCHAR,
    qualified_name VARCHAR USING COMPRESSION uncompressed,
    kind           VARCHAR,
    line           INTEGER,
    end_line       INTEGER,
    name_line      INTEGER,
    name_column    INTEGER,  -- UTF-8 bytes, from 0
    signature      VARCHAR USING COMPRESSION uncompressed,
    docstring      VARCHAR,
    parent         INTEGER,  -- ordinal of the enclosing symbol, -1: the file
    word           UBIGINT   -- the name's XXH3-64
);

CREATE TABLE refs (
    file     INTEGER,
    name     VARCHAR,
    role     VARCHAR,
    line     INTEGER,
    "column" INTEGER,
    scope    INTEGER,        -- ordinal of the symbol around it, -1: the file
    receiver VARCHAR,
    tag      USMALLINT,      -- the last bits of the name's number: five times faster to look through than names
    arguments TINYINT        -- how many a call is given, -1 where that is not known
);

CREATE TABLE imports (
    file     INTEGER,
    module   VARCHAR,
    name     VARCHAR,
    alias    VARCHAR,
    line     INTEGER,
    "column" INTEGER,        -- where the line has the name, else the module's last part; UTF-8 bytes, from 0
    scope    VARCHAR,        -- qualified name of the function, class or module around it, '' at file level
    text     VARCHAR         -- its line, '' where that is long: what is shown of it is found without the file
);

-- Ranked search: symbol-sized chunks and, for each term of each chunk, its weighted frequency.
CREATE TABLE chunks (
    id       BIGINT,         -- file << 20 | position in the file
    file     INTEGER,
    ordinal  INTEGER,        -- the symbol it is, -1: lines between symbols
    line     INTEGER,
    end_line INTEGER,
    length   INTEGER,        -- sum of its word frequencies
    text     UBIGINT         -- the XXH3-64 of its lines and its symbol's name: what has embeddings goes by it
);

-- Sorted by term within each write: see memls.index.postings.
CREATE TABLE postings (
    term      UBIGINT,       -- its XXH3-64
    chunk     BIGINT,
    frequency USMALLINT,
    length    USMALLINT      -- the chunk's, so that scoring needs no other table
);
CREATE TABLE spread (term UBIGINT, chunks INTEGER);  -- the sum over a term's rows: in how many chunks it is

CREATE TABLE history (path VARCHAR, recency DOUBLE);  -- how much it changed lately, 0 to 1: memls.index.history

-- What the listing had to leave out: special files, links that lead away, folders without permission.
CREATE TABLE skipped (path VARCHAR, reason VARCHAR);

-- Rows of texts that left, under numbers of their own: see memls.index.attic.
CREATE SCHEMA attic;
CREATE TABLE attic.files AS FROM files LIMIT 0;
CREATE TABLE attic.texts AS FROM texts LIMIT 0;
CREATE TABLE attic.symbols AS FROM symbols LIMIT 0;
CREATE TABLE attic.refs AS FROM refs LIMIT 0;
CREATE TABLE attic.imports AS FROM imports LIMIT 0;
CREATE TABLE attic.chunks AS FROM chunks LIMIT 0;
CREATE TABLE attic.postings AS FROM postings LIMIT 0;
