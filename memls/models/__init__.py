"""Language models behind one small interface: the OpenAI client, the embedded default, and recordings."""
