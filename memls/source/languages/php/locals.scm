[(function_definition) (method_declaration) (anonymous_function) (arrow_function)] @function
(declaration_list) @class

(simple_parameter name: (variable_name (name) @binding))
(variadic_parameter name: (variable_name (name) @binding))
(property_promotion_parameter name: (variable_name (name) @binding))
(assignment_expression left: (variable_name (name) @binding))
(foreach_statement (variable_name (name) @binding) body: (_))
(foreach_statement (pair (variable_name (name) @binding)))
(catch_clause name: (variable_name (name) @binding))

(variable_name (name) @use)
