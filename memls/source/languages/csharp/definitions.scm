; Definitions
[(namespace_declaration) (file_scoped_namespace_declaration)] @def.namespace
[(class_declaration) (record_declaration)] @def.class
(struct_declaration) @def.struct
(interface_declaration) @def.interface
(enum_declaration) @def.enum
(enum_member_declaration) @def.enum_member
(delegate_declaration) @def.type
(method_declaration) @def.method
(constructor_declaration) @def.constructor
(local_function_statement body: (_)) @def.function
[(property_declaration) (event_declaration)] @def.property
(field_declaration (modifier "const") (variable_declaration (variable_declarator) @def.constant))
(field_declaration (variable_declaration (variable_declarator) @def.field))
(event_field_declaration (variable_declaration (variable_declarator) @def.field))
[(field_declaration) (event_field_declaration)] @outer
[(field_declaration (variable_declaration) @outer) (event_field_declaration (variable_declaration) @outer)]
(record_declaration (parameter_list (parameter) @def.property))
[(lambda_expression) (anonymous_method_expression) (accessor_declaration) (operator_declaration)
 (conversion_operator_declaration) (indexer_declaration) (destructor_declaration)] @local
(attribute_list) @attribute
(comment) @comment

; Imports
(using_directive) @import

; References
(invocation_expression function: (_) @call)
(object_creation_expression type: (_) @call)
(object_creation_expression initializer: (_)) @literal
(initializer_expression (assignment_expression left: (identifier) @skip))
(base_list [(identifier) (qualified_name) (generic_name) (alias_qualified_name)] @inherit)
(primary_constructor_base_type type: (_) @inherit)
(attribute name: (_) @decorator)
(_ type: [(identifier) (qualified_name) (generic_name) (alias_qualified_name)] @type)
(_ returns: [(identifier) (qualified_name) (generic_name) (alias_qualified_name)] @type)
(generic_name (identifier) @type)
(type_argument_list [(identifier) (qualified_name)] @type)
(as_expression right: [(identifier) (qualified_name)] @type)
(is_expression right: [(identifier) (qualified_name)] @type)
(assignment_expression left: (member_access_expression) @write)
[(member_access_expression) (conditional_access_expression)] @member
(identifier) @name
(parameter name: (identifier) @skip)
(type_parameter name: (identifier) @skip)
(argument name: (identifier) @skip)
[(namespace_declaration name: (_) @skip) (file_scoped_namespace_declaration name: (_) @skip)]
[(namespace_declaration name: (qualified_name (_) @skip))
 (file_scoped_namespace_declaration name: (qualified_name (_) @skip))]
