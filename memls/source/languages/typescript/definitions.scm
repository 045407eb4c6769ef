; What TypeScript and TSX add to JavaScript.
(abstract_class_declaration) @def.class
(interface_declaration) @def.interface
(enum_declaration) @def.enum
(enum_body name: (property_identifier) @def.enum_member)
(enum_assignment) @def.enum_member
(type_alias_declaration) @def.type
(internal_module) @def.namespace
(module) @def.namespace
(public_field_definition) @def.field
(program (lexical_declaration kind: "const" (variable_declarator
  value: [(as_expression (object (pair) @def.field)) (satisfies_expression (object (pair) @def.field))
    (satisfies_expression (as_expression (object (pair) @def.field)))])))
(program (export_statement (lexical_declaration kind: "const" (variable_declarator
  value: [(as_expression (object (pair) @def.field)) (satisfies_expression (object (pair) @def.field))
    (satisfies_expression (as_expression (object (pair) @def.field)))]))))
(public_field_definition value: [(arrow_function) (function_expression)]) @def.method
(interface_body (property_signature) @def.field)
(interface_body (method_signature) @def.method)
(abstract_method_signature) @def.method
(function_signature) @declared
(ambient_declaration) @outer
(expression_statement (internal_module)) @outer
(required_parameter (accessibility_modifier) pattern: (identifier)) @def.field

(type_identifier) @type
(nested_type_identifier) @type
(extends_clause value: [(identifier) (member_expression)] @inherit)
(extends_type_clause type: [(type_identifier) (nested_type_identifier)] @inherit)
(extends_type_clause type: (generic_type name: (_) @inherit))
(implements_clause [(type_identifier) (nested_type_identifier)] @inherit)
(implements_clause (generic_type name: (_) @inherit))
(type_parameter name: (type_identifier) @skip)
(required_parameter pattern: (identifier) @skip)
(optional_parameter pattern: (identifier) @skip)
(function_signature name: (identifier) @skip)
