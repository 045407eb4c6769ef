[(function_declaration) (secondary_constructor) (lambda_literal) (anonymous_function)] @function
[(block) (for_statement) (catch_block)] @scope
(class_body) @class

(parameter . (identifier) @binding)
(lambda_parameters (variable_declaration . (identifier) @binding))
(block (property_declaration (variable_declaration . (identifier) @binding)))
(for_statement (variable_declaration . (identifier) @binding))
(catch_block (identifier) @binding)

(identifier) @use
(navigation_expression (_) (identifier) @other)
(function_declaration name: (identifier) @other)
(user_type (identifier) @other)
(value_argument (identifier) @other "=")
