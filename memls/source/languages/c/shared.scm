; What C and C++ have in common.

; Definitions. Prototypes drop out in the engine: their declarator declares a function.
(function_definition) @def.function
(struct_specifier name: (_) body: (_)) @def.struct
(union_specifier name: (_) body: (_)) @def.union
(enum_specifier name: (_) body: (_)) @def.enum
(enumerator) @def.enum_member
(type_definition declarator: (_) @def.type)
(type_definition type: (struct_specifier !name body: (_))) @def.struct
(type_definition type: (union_specifier !name body: (_))) @def.union
(type_definition type: (enum_specifier !name body: (_))) @def.enum
(type_definition) @outer
(field_declaration declarator: (_) @def.field)
(field_declaration) @outer
(declaration declarator: (_) @def.variable)
(declaration) @outer
(preproc_def) @def.macro
(preproc_function_def) @def.macro
; What is only declared is no use of it.
(declaration declarator: [
  (function_declarator declarator: (identifier) @skip)
  (pointer_declarator declarator: [
    (function_declarator declarator: (identifier) @skip)
    (pointer_declarator declarator: (function_declarator declarator: (identifier) @skip))])])
(declaration (storage_class_specifier) declarator: [
  (identifier) @skip (pointer_declarator declarator: (identifier) @skip)
  (array_declarator declarator: (identifier) @skip)])
(parameter_declaration declarator: (identifier) @param)
(parameter_declaration declarator: (pointer_declarator declarator: (identifier) @param))
(parameter_declaration declarator: (pointer_declarator declarator: (pointer_declarator declarator: (identifier) @param)))
(parameter_declaration declarator: (array_declarator declarator: (identifier) @param))
(comment) @comment

; Imports
(preproc_include) @import

; References
(call_expression function: [(identifier) (field_expression)] @call)
(declaration declarator: (init_declarator value: (initializer_list))) @literal
(compound_literal_expression) @literal
(type_identifier) @type
(assignment_expression left: (field_expression) @write)
(assignment_expression left: (identifier) @name)
(field_expression) @member
(identifier) @name
(argument_list (identifier) @argument)
(argument_list (pointer_expression argument: (identifier) @argument))
(initializer_list (identifier) @argument)
(initializer_pair value: (identifier) @argument)
