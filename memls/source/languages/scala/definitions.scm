; Definitions
(class_definition) @def.class
(object_definition) @def.class
(trait_definition) @def.trait
(enum_definition) @def.enum
(simple_enum_case) @def.enum_member
(full_enum_case) @def.enum_member
(function_definition) @def.function
(function_declaration) @def.function
(type_definition) @def.type
(val_definition pattern: (identifier) @def.variable)
(var_definition pattern: (identifier) @def.variable)
(val_declaration name: (identifier) @def.variable)
(var_declaration name: (identifier) @def.variable)
(class_parameter ["val" "var"] name: (identifier) @def.field)
(given_definition) @def.variable
(lambda_expression) @local
(annotation) @attribute
(comment) @comment
(block_comment) @comment

; Imports
(import_declaration) @import

; References
(call_expression function: [(identifier) (field_expression)] @call)
(call_expression function: (generic_function function: [(identifier) (field_expression)] @call))
(instance_expression [(type_identifier) (stable_type_identifier)] @call)
(instance_expression (generic_type type: (type_identifier) @call))
(extends_clause [(type_identifier) (stable_type_identifier)] @inherit)
(extends_clause (generic_type type: (type_identifier) @inherit))
(annotation name: (_) @decorator)
(stable_type_identifier) @type
(type_identifier) @type
(assignment_expression left: (field_expression) @write)
(field_expression) @member
(identifier) @name
(parameter name: (identifier) @skip)
(class_parameter name: (identifier) @skip)
(type_parameters name: (identifier) @skip)
(package_clause (package_identifier (identifier) @skip))
