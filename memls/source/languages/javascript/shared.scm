; What JavaScript, TypeScript and TSX have in common.

; Definitions
(function_declaration) @def.function
(generator_function_declaration) @def.function
(class_declaration) @def.class
(method_definition) @def.method
(method_definition ["get" "set"]) @def.property
(lexical_declaration kind: "const" (variable_declarator name: (identifier)) @def.constant)
(lexical_declaration kind: "let" (variable_declarator name: (identifier)) @def.variable)
(variable_declaration (variable_declarator name: (identifier)) @def.variable)
(lexical_declaration (variable_declarator name: (object_pattern
  [(shorthand_property_identifier_pattern) @def.constant (pair_pattern value: (identifier) @def.constant)])))
(variable_declarator name: (identifier)
  value: [(arrow_function) (function_expression) (generator_function)]) @def.function
(variable_declarator name: (identifier) value: (class)) @def.class
(assignment_expression left: (member_expression)
  right: [(arrow_function) (function_expression) (generator_function)]) @def.function
(assignment_expression left: (member_expression object: (this)) @def.attribute)
(program (lexical_declaration kind: "const" (variable_declarator value: (object (pair) @def.field))))
(program (export_statement (lexical_declaration kind: "const"
  (variable_declarator value: (object (pair) @def.field)))))
(object (pair key: (property_identifier) value: [(arrow_function) (function_expression)]) @def.method)
(export_statement) @outer
(lexical_declaration) @outer
(variable_declaration) @outer
(arrow_function) @local
(function_expression) @local
(generator_function) @local
(class_static_block) @local
(for_statement initializer: (lexical_declaration) @local)
(decorator) @attribute
(comment) @comment

; Imports
(import_statement) @import
(export_statement source: (string)) @import
(export_specifier alias: (_)) @import
(variable_declarator value: (call_expression function: (identifier) @_require) (#eq? @_require "require")) @import
(variable_declarator value: (member_expression
  object: (call_expression function: (identifier) @_require)) (#eq? @_require "require")) @import
(call_expression function: (identifier) @skip (#eq? @skip "require")) @import
(call_expression function: (import)) @import

; References
(call_expression function: [(identifier) (member_expression)] @call)
(new_expression constructor: [(identifier) (member_expression)] @call)
(decorator [(identifier) (member_expression)] @decorator)
(decorator (call_expression function: [(identifier) (member_expression)] @decorator))
(assignment_expression left: (member_expression) @write)
(augmented_assignment_expression left: [(identifier) (member_expression)] @write)
(assignment_expression left: (identifier) @name)
(member_expression) @member
(identifier) @name
(shorthand_property_identifier) @name
(function_expression name: (identifier) @skip)
