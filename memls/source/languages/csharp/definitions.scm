; Definitions
(class_declaration) @def.class
(record_declaration) @def.class
(struct_declaration) @def.struct
(interface_declaration) @def.interface
(enum_declaration) @def.enum
(enum_member_declaration) @def.enum_member
(delegate_declaration) @def.type
(namespace_declaration) @def.namespace
(method_declaration) @def.method
(constructor_declaration) @def.constructor
(local_function_statement) @def.function
(property_declaration) @def.property
(field_declaration (variable_declaration (variable_declarator) @def.field))
(event_field_declaration (variable_declaration (variable_declarator) @def.field))
(field_declaration (modifier "const") (variable_declaration (variable_declarator) @def.constant))
(record_declaration (parameter_list (parameter) @def.property))
(field_declaration) @outer
(field_declaration (variable_declaration) @outer)
(event_field_declaration) @outer
(event_field_declaration (variable_declaration) @outer)
(lambda_expression) @local
(anonymous_method_expression) @local
(attribute_list) @attribute
(comment) @comment

; Imports
(using_directive) @import

; References
(invocation_expression function: [(identifier) (member_access_expression) (generic_name)] @call)
(object_creation_expression type: [(identifier) (qualified_name) (generic_name)] @call)
(attribute name: (_) @decorator)
(base_list [(identifier) (qualified_name) (generic_name)] @inherit)
(variable_declaration type: [(identifier) (qualified_name) (generic_name)] @type)
(parameter type: [(identifier) (qualified_name) (generic_name)] @type)
(method_declaration returns: [(identifier) (qualified_name) (generic_name)] @type)
(property_declaration type: [(identifier) (qualified_name) (generic_name)] @type)
(type_argument_list [(identifier) (qualified_name)] @type)
(cast_expression type: [(identifier) (qualified_name)] @type)
(assignment_expression left: (member_access_expression) @write)
(member_access_expression) @member
(identifier) @name
(parameter name: (identifier) @skip)
(namespace_declaration name: (_) @skip)
(namespace_declaration name: (qualified_name qualifier: (_) @skip))
(argument name: (identifier) @skip)
