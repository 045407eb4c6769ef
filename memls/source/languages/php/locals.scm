[(function_definition) (method_declaration) (anonymous_function) (arrow_function)] @function
(declaration_list) @class

(simple_parameter name: (variable_name (name) @binding))
(variadic_parameter name: (variable_name (name) @binding))
(property_promotion_parameter name: (variable_name (name) @binding))
(assignment_expression left: (variable_name (name) @binding))
(augmented_assignment_expression left: (variable_name (name) @binding))
(list_literal (variable_name (name) @binding))
(foreach_statement (variable_name) . (variable_name (name) @binding))
(foreach_statement (pair (variable_name (name) @binding)))
(catch_clause name: (variable_name (name) @binding))
(static_variable_declaration name: (variable_name (name) @binding))
(global_declaration (variable_name (name) @free))
(anonymous_function_use_clause (variable_name (name) @enclosing))

(variable_name (name) @use)
((variable_name (name) @other) @_this (#eq? @_this "$this"))
(property_element name: (variable_name (name) @other))
(scoped_property_access_expression name: (variable_name (name) @other))
