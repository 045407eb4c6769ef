-- Embeddings of chunks, by what was embedded: they outlive the index, since they cost money.

CREATE TABLE vectors (
    text   UBIGINT,   -- the number of the text: chunks.text in the index
    model  VARCHAR,
    vector FLOAT[]    -- empty: the model does not take this text
);
