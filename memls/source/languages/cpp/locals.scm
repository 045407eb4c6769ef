(lambda_expression) @function
[(for_range_loop) (catch_clause) (condition_clause)] @scope
(field_declaration_list) @class

(parameter_declaration declarator: (reference_declarator (identifier) @binding))
(optional_parameter_declaration declarator: [
  (identifier) @binding (pointer_declarator declarator: (identifier) @binding) (reference_declarator (identifier) @binding)])
(variadic_parameter_declaration declarator: (variadic_declarator (identifier) @binding))
(init_declarator declarator: [
  (reference_declarator (identifier) @binding)
  (structured_binding_declarator (identifier) @binding)
  (reference_declarator (structured_binding_declarator (identifier) @binding))])
(for_range_loop declarator: [
  (identifier) @binding (pointer_declarator declarator: (identifier) @binding)
  (reference_declarator (identifier) @binding)
  (structured_binding_declarator (identifier) @binding)
  (reference_declarator (structured_binding_declarator (identifier) @binding))])

(qualified_identifier name: (identifier) @other)
(template_declaration) @scope
(type_parameter_declaration (type_identifier) @binding)
(optional_type_parameter_declaration name: (type_identifier) @binding)
(type_identifier) @use
(compound_statement (declaration declarator: (function_declarator declarator: (identifier) @binding)))
