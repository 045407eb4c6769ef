; Definitions
(class_declaration "class") @def.class
(class_declaration "actor") @def.class
(class_declaration "struct") @def.struct
(class_declaration "enum") @def.enum
(class_declaration "extension") @scope
(protocol_declaration) @def.interface
(enum_entry name: (simple_identifier) @def.enum_member)
(function_declaration) @def.function
(protocol_function_declaration) @def.method
(init_declaration) @def.constructor
(typealias_declaration) @def.type
(source_file (property_declaration name: (pattern bound_identifier: (simple_identifier) @def.variable)))
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @def.field)))
(enum_class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @def.field)))
(protocol_property_declaration name: (pattern bound_identifier: (simple_identifier) @def.property))
(class_body (property_declaration name: (pattern bound_identifier: (simple_identifier) @def.property)
  computed_value: (_)))
(lambda_literal) @local
(attribute) @attribute
(comment) @comment
(multiline_comment) @comment

; Imports
(import_declaration) @import

; References
(call_expression . [(simple_identifier) (navigation_expression)] @call)
(constructor_expression constructed_type: (user_type . (type_identifier) @call))
(inheritance_specifier inherits_from: (user_type . (type_identifier) @inherit))
(attribute (user_type (type_identifier) @decorator))
(user_type (type_identifier) @type)
(assignment target: (directly_assignable_expression (navigation_expression) @write))
(navigation_expression) @member
(simple_identifier) @name
(parameter (simple_identifier) @skip)
(value_argument_label (simple_identifier) @skip)
