[(function_declaration) (function_expression) (generator_function) (generator_function_declaration) (arrow_function) (method_definition)] @function
[(statement_block) (for_statement) (for_in_statement) (catch_clause) (switch_body)] @scope
(class_body) @class

(function_declaration name: (identifier) @binding.above)
(lexical_declaration (variable_declarator name: (identifier) @binding))
(variable_declaration (variable_declarator name: (identifier) @binding.function))
(arrow_function parameter: (identifier) @binding)
(object_pattern (shorthand_property_identifier_pattern) @binding)
(object_assignment_pattern left: (shorthand_property_identifier_pattern) @binding)
(pair_pattern value: [(identifier) @binding (assignment_pattern left: (identifier) @binding)])
(array_pattern [(identifier) @binding (assignment_pattern left: (identifier) @binding)])
(rest_pattern (identifier) @binding)
(catch_clause parameter: (identifier) @binding)
(for_in_statement kind: _ left: (identifier) @binding)
(assignment_expression left: [(array_pattern) (object_pattern)] @assigned)

[(identifier) (shorthand_property_identifier) (shorthand_property_identifier_pattern)] @use
