; Definitions
(class_declaration "class") @def.class
(class_declaration "interface") @def.interface
(class_declaration (modifiers (class_modifier "enum"))) @def.enum
(object_declaration) @def.class
(companion_object) @def.class
(enum_entry (identifier) @def.enum_member)
(function_declaration) @def.function
(secondary_constructor) @def.constructor
(type_alias) @def.type
(source_file (property_declaration (variable_declaration . (identifier) @def.variable)))
(class_body (property_declaration (variable_declaration . (identifier) @def.field)))
(enum_class_body (property_declaration (variable_declaration . (identifier) @def.field)))
(property_declaration (modifiers (property_modifier "const")) (variable_declaration . (identifier) @def.constant))
(class_parameter ["val" "var"] . (identifier) @def.field)
(lambda_literal) @local
(anonymous_function) @local
(annotation) @attribute
(line_comment) @comment
(block_comment) @comment

; Imports
(import) @import

; References
(call_expression . [(identifier) (navigation_expression)] @call)
(constructor_invocation (user_type) @call)
(delegation_specifier (constructor_invocation (user_type) @inherit))
(delegation_specifier (user_type) @inherit)
(annotation (user_type) @decorator)
(annotation (constructor_invocation (user_type) @decorator))
(user_type) @type
(assignment left: (navigation_expression) @write)
(navigation_expression) @member
(identifier) @name
(parameter . (identifier) @skip)
(class_parameter (identifier) @skip)
(value_argument (identifier) @skip "=")
(package_header (qualified_identifier (identifier) @skip))
