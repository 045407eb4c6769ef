; What C++ adds to C.
(class_specifier name: (_) body: (_)) @def.class
(namespace_definition) @def.namespace
(alias_declaration) @def.type
(concept_definition) @def.type
(using_declaration) @import
(template_declaration) @outer
(field_declaration
  declarator: [
    (function_declarator)
    (pointer_declarator declarator: [
      (function_declarator) (pointer_declarator declarator: (function_declarator))])
    (reference_declarator (function_declarator))]
  default_value: (number_literal)) @def.method
(lambda_expression) @local

(call_expression function: (qualified_identifier) @call)
(call_expression function: (template_function name: (identifier) @call))
(new_expression type: [(type_identifier) (qualified_identifier)] @call)
(base_class_clause [(type_identifier) (qualified_identifier)] @inherit)
(base_class_clause (template_type name: (type_identifier) @inherit))
(qualified_identifier name: [(type_identifier) (template_type)]) @type
(qualified_identifier name: (qualified_identifier name: [(type_identifier) (template_type)])) @type
(qualified_identifier) @member
(qualified_identifier scope: (namespace_identifier) @space)
(field_initializer (field_identifier) @write)
(destructor_name (identifier) @skip)
(declaration declarator: (reference_declarator (function_declarator declarator: (identifier) @skip)))

; Names of locals, beside those of C.
[(parameter_declaration declarator: (reference_declarator (identifier) @param))
 (optional_parameter_declaration declarator: [
   (identifier) @param (pointer_declarator declarator: (identifier) @param)
   (reference_declarator (identifier) @param)])
 (variadic_parameter_declaration declarator: (variadic_declarator (identifier) @param))
 (for_range_loop declarator: [
   (identifier) @param (pointer_declarator declarator: (identifier) @param)
   (reference_declarator (identifier) @param)])
 (structured_binding_declarator (identifier) @param)]
(compound_statement (declaration declarator: (init_declarator declarator: (reference_declarator (identifier) @param))))
; `Slice key(data);` in a function is a variable, though it could declare a function.
(compound_statement (declaration declarator: (function_declarator declarator: (identifier) @param)))
