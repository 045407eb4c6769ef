[(method_declaration) (constructor_declaration) (local_function_statement) (lambda_expression)
 (anonymous_method_expression) (accessor_declaration) (operator_declaration) (indexer_declaration)] @function
[(block) (for_statement) (foreach_statement) (using_statement) (catch_clause) (switch_section)] @scope
(declaration_list) @class

(parameter name: (identifier) @binding)
(parameter_list name: (identifier) @binding)
(lambda_expression parameters: (implicit_parameter) @binding)
(local_declaration_statement (variable_declaration (variable_declarator name: (identifier) @binding)))
(for_statement (variable_declaration (variable_declarator name: (identifier) @binding)))
(using_statement (variable_declaration (variable_declarator name: (identifier) @binding)))
(foreach_statement left: (identifier) @binding)
(catch_declaration name: (identifier) @binding)
(declaration_pattern name: (identifier) @binding)
(declaration_expression name: (identifier) @binding)
(local_function_statement name: (identifier) @binding.above)
[(class_declaration) (struct_declaration) (interface_declaration) (record_declaration)] @scope
(type_parameter name: (identifier) @binding)

[(identifier) (implicit_parameter)] @use
(method_declaration name: (identifier) @other)
(constructor_declaration name: (identifier) @other)
(property_declaration name: (identifier) @other)
(member_access_expression name: (identifier) @other)
(member_binding_expression name: (identifier) @other)
(qualified_name (identifier) @other)
(argument name: (identifier) @other)
(field_declaration (variable_declaration (variable_declarator name: (identifier) @other)))
(initializer_expression (assignment_expression left: (identifier) @other))
