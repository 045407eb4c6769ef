[(create_table) (create_type)] @def.struct
[(create_view) (create_materialized_view)] @def.struct
(column_definition) @def.field
(create_function) @def.function
(create_trigger) @def.function
(create_index) @def.key
[(comment) (marginalia)] @comment

(invocation (object_reference) @call)
(relation (object_reference) @read)
