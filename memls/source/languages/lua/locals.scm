[(function_declaration) (function_definition)] @function
[(do_statement) (while_statement) (repeat_statement) (if_statement) (for_statement)] @scope

(parameters (identifier) @binding)
(block (variable_declaration (assignment_statement (variable_list name: (identifier) @binding))))
(block (variable_declaration (variable_list name: (identifier) @binding)))
(for_numeric_clause name: (identifier) @binding)
(for_generic_clause (variable_list name: (identifier) @binding))

(identifier) @use
(dot_index_expression field: (identifier) @other)
(method_index_expression method: (identifier) @other)
(function_declaration name: (identifier) @other)
