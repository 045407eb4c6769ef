; Definitions
(namespace_definition name: (_)) @def.namespace
(class_declaration) @def.class
(interface_declaration) @def.interface
(trait_declaration) @def.trait
(enum_declaration) @def.enum
(enum_case) @def.enum_member
(function_definition) @def.function
(method_declaration) @def.method
(property_element) @def.field
(property_declaration) @outer
(property_promotion_parameter) @def.field
(const_element . (name) @def.constant)
[(const_declaration) (const_element)] @outer
(function_call_expression function: (name) @_define
  arguments: (arguments . (argument (string (string_content) @def.constant))) (#eq? @_define "define"))
[(anonymous_function) (arrow_function) (anonymous_class)] @local
(attribute_list) @attribute
(comment) @comment

; Imports
(namespace_use_declaration) @import
[(require_expression) (require_once_expression) (include_expression) (include_once_expression)] @import

; References
(function_call_expression function: [(name) (qualified_name) (relative_name)] @call)
[(member_call_expression) (nullsafe_member_call_expression)] @invoke
(scoped_call_expression scope: (_) name: (name)) @invoke
(object_creation_expression . [(name) (qualified_name)] @call)
(base_clause [(name) (qualified_name)] @inherit)
(class_interface_clause [(name) (qualified_name)] @inherit)
(use_declaration [(name) (qualified_name)] @inherit)
(attribute . [(name) (qualified_name)] @decorator)
(named_type [(name) (qualified_name)] @type)
(binary_expression operator: "instanceof" right: [(name) (qualified_name)] @type)
(assignment_expression left: [(member_access_expression) (scoped_property_access_expression)] @write)
[(member_access_expression) (nullsafe_member_access_expression) (scoped_property_access_expression)
 (class_constant_access_expression)] @member
(class_constant_access_expression . (name) @name)
(scoped_call_expression scope: [(name) (qualified_name)] @read)
(scoped_property_access_expression scope: [(name) (qualified_name)] @read)
(argument (name) @name)
(argument name: (name) @skip)
