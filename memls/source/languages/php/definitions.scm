; Definitions
(class_declaration) @def.class
(interface_declaration) @def.interface
(trait_declaration) @def.trait
(enum_declaration) @def.enum
(enum_case) @def.enum_member
(function_definition) @def.function
(method_declaration) @def.method
(const_declaration (const_element (name) @def.constant))
(property_element (variable_name (name) @def.field))
(property_promotion_parameter name: (variable_name (name) @def.field))
(anonymous_function) @local
(arrow_function) @local
(attribute_list) @attribute
(comment) @comment

; Imports
(namespace_use_declaration) @import

; References
(function_call_expression function: [(name) (qualified_name)] @call)
(member_call_expression) @invoke
(nullsafe_member_call_expression) @invoke
(scoped_call_expression) @invoke
(object_creation_expression [(name) (qualified_name)] @call)
(base_clause [(name) (qualified_name)] @inherit)
(class_interface_clause [(name) (qualified_name)] @inherit)
(use_declaration [(name) (qualified_name)] @inherit)
(attribute [(name) (qualified_name)] @decorator)
(named_type [(name) (qualified_name)] @type)
(class_constant_access_expression) @member
(assignment_expression left: (member_access_expression) @write)
(member_access_expression) @member
(scoped_property_access_expression) @member
(name) @name
(namespace_definition name: (_) @skip)
(namespace_definition name: (namespace_name (name) @skip))
