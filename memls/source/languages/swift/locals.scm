[(function_declaration) (init_declaration) (lambda_literal)] @function
[(statements) (for_statement) (catch_block)] @scope
[(class_body) (enum_class_body) (protocol_body)] @class

(parameter name: (simple_identifier) @binding)
(lambda_parameter name: (simple_identifier) @binding)
(statements (property_declaration name: (pattern bound_identifier: (simple_identifier) @binding)))
(for_statement item: (pattern bound_identifier: (simple_identifier) @binding))

(simple_identifier) @use
(navigation_suffix (simple_identifier) @other)
(value_argument_label (simple_identifier) @other)
(function_declaration name: (simple_identifier) @other)
