; Definitions
(class_declaration) @def.class
(record_declaration) @def.class
(interface_declaration) @def.interface
(annotation_type_declaration) @def.interface
(enum_declaration) @def.enum
(enum_constant) @def.enum_member
(method_declaration) @def.method
(annotation_type_element_declaration) @def.method
(constructor_declaration) @def.constructor
(compact_constructor_declaration) @def.constructor
(field_declaration declarator: (variable_declarator) @def.field)
(field_declaration) @outer
(constant_declaration declarator: (variable_declarator) @def.constant)
(constant_declaration) @outer
(record_declaration parameters: (formal_parameters (formal_parameter) @def.field))
(lambda_expression) @local
(marker_annotation) @attribute
(annotation) @attribute
(line_comment) @comment
(block_comment) @comment

; Imports
(import_declaration) @import

; References
(method_invocation) @invoke
(object_creation_expression type: [(type_identifier) (scoped_type_identifier)] @call)
(object_creation_expression type: (generic_type [(type_identifier) (scoped_type_identifier)] @call))
(method_reference) @member
(superclass [(type_identifier) (scoped_type_identifier)] @inherit)
(superclass (generic_type . [(type_identifier) (scoped_type_identifier)] @inherit))
(type_list [(type_identifier) (scoped_type_identifier)] @inherit)
(type_list (generic_type . [(type_identifier) (scoped_type_identifier)] @inherit))
(marker_annotation name: (_) @decorator)
(annotation name: (_) @decorator)
(scoped_type_identifier) @type
(type_identifier) @type
(assignment_expression left: (field_access) @write)
(assignment_expression left: (identifier) @name)
(field_access) @member
(identifier) @name
(formal_parameter name: (identifier) @skip)
(package_declaration (_) @skip)
