[(method_declaration) (constructor_declaration) (local_function_statement) (lambda_expression)
 (anonymous_method_expression) (accessor_declaration) (operator_declaration)] @function
[(block) (for_statement) (foreach_statement) (using_statement) (catch_clause)] @scope
(declaration_list) @class

(parameter name: (identifier) @binding)
(lambda_expression parameters: (implicit_parameter) @binding)
(local_declaration_statement (variable_declaration (variable_declarator name: (identifier) @binding)))
(for_statement (variable_declaration (variable_declarator name: (identifier) @binding)))
(using_statement (variable_declaration (variable_declarator name: (identifier) @binding)))
(foreach_statement left: (identifier) @binding)
(catch_declaration name: (identifier) @binding)
(declaration_expression name: (identifier) @binding)
(declaration_pattern name: (identifier) @binding)

(identifier) @use
(member_access_expression name: (identifier) @other)
(method_declaration name: (identifier) @other)
(argument name: (identifier) @other)
