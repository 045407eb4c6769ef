"""SQL of the two databases. `index.sql` is rebuilt at will; `memory_N.sql` are migrations, run once each."""
