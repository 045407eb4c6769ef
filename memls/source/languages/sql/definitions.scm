[(create_table) (create_type)] @def.struct
[(create_view) (create_materialized_view)] @def.struct
(column_definitions (column_definition) @def.field)
(add_column (column_definition) @def.field)
[(create_function) (create_procedure)] @def.function
(create_trigger) @def.function
(create_index) @def.key
[(comment) (marginalia)] @comment

(invocation (object_reference) @call)
(relation (object_reference) @read)
