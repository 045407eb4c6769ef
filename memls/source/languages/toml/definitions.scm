(document [(pair) (table) (table_array_element)] @def.key)
(document [(table (pair) @def.key) (table_array_element (pair) @def.key)])
