; What C++ adds to C.
(class_specifier name: (_) body: (_)) @def.class
(namespace_definition) @def.namespace
(alias_declaration) @def.type
(concept_definition) @def.type
(template_declaration) @outer
(field_declaration declarator: (function_declarator) default_value: (number_literal)) @def.method
(lambda_expression) @local

(call_expression function: (qualified_identifier) @call)
(call_expression function: (template_function name: (identifier) @call))
(new_expression type: [(type_identifier) (qualified_identifier)] @call)
(base_class_clause [(type_identifier) (qualified_identifier)] @inherit)
(base_class_clause (template_type name: (type_identifier) @inherit))
(qualified_identifier name: [(type_identifier) (template_type)]) @type
(qualified_identifier name: (qualified_identifier name: [(type_identifier) (template_type)])) @type
(qualified_identifier) @member
