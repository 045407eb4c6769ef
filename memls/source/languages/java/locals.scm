[(method_declaration) (constructor_declaration) (compact_constructor_declaration) (lambda_expression)] @function
[(block) (constructor_body) (for_statement) (enhanced_for_statement) (catch_clause) (try_with_resources_statement)
 (switch_block)] @scope
[(class_body) (interface_body) (enum_body)] @class

(formal_parameter name: (identifier) @binding)
(spread_parameter (variable_declarator name: (identifier) @binding))
(lambda_expression parameters: (identifier) @binding)
(inferred_parameters (identifier) @binding)
(local_variable_declaration (variable_declarator name: (identifier) @binding))
(enhanced_for_statement name: (identifier) @binding)
(catch_formal_parameter name: (identifier) @binding)
(resource name: (identifier) @binding)
(instanceof_expression name: (identifier) @binding)

(identifier) @use
(method_declaration name: (identifier) @other)
(constructor_declaration name: (identifier) @other)
(method_invocation name: (identifier) @other)
(field_access field: (identifier) @other)
(scoped_identifier (identifier) @other)
[(labeled_statement (identifier) @other) (break_statement (identifier) @other) (continue_statement (identifier) @other)]
[(class_declaration) (interface_declaration) (record_declaration)] @scope
(type_parameter (type_identifier) @binding)
(type_identifier) @use
