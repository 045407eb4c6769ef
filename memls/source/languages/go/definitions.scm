; Definitions
(function_declaration) @def.function
(method_declaration) @def.method
(type_spec) @def.type
(type_spec type: (struct_type)) @def.struct
(type_spec type: (interface_type)) @def.interface
(type_alias) @def.type
(const_spec name: (identifier) @def.constant)
(var_spec name: (identifier) @def.variable)
(field_declaration name: (field_identifier) @def.field)
(method_elem) @def.method
(type_declaration . (type_spec) .) @outer
(type_declaration . (type_alias) .) @outer
(const_declaration . (const_spec) .) @outer
(var_declaration . (var_spec) .) @outer
(const_spec) @outer
(var_spec) @outer
(field_declaration) @outer
(func_literal) @local
(parameter_declaration name: (identifier) @param)
(short_var_declaration left: (expression_list (identifier) @param))
(range_clause left: (expression_list (identifier) @param))
(comment) @comment

; Imports
(import_spec) @import

; References
(call_expression function: [(identifier) (selector_expression)] @call)
(call_expression function: (type_instantiation_expression type: (_) @call))
(call_expression function: (index_expression operand: [(identifier) (selector_expression)] @call))
(type_conversion_expression type: (generic_type type: [(type_identifier) (qualified_type)] @call))
(field_declaration !name type: [(type_identifier) (qualified_type)] @inherit)
(field_declaration !name type: (pointer_type [(type_identifier) (qualified_type)] @inherit))
(field_declaration !name type: (generic_type type: [(type_identifier) (qualified_type)] @inherit))
(field_declaration !name type: (pointer_type
  (generic_type type: [(type_identifier) (qualified_type)] @inherit)))
(interface_type (type_elem [(type_identifier) (qualified_type)] @inherit))
(interface_type (type_elem (generic_type type: [(type_identifier) (qualified_type)] @inherit)))
(interface_type (type_elem (negated_type (type_identifier) @inherit)))
(type_parameter_declaration name: (identifier) @skip)
(qualified_type) @type
(type_identifier) @type
(assignment_statement left: (expression_list (selector_expression) @write))
(selector_expression) @member
(identifier) @name
(argument_list (identifier) @argument)
(composite_literal) @literal
(keyed_element (literal_element (identifier) @skip) . (literal_element))
(keyed_element (literal_element) . (literal_element (identifier) @argument))
