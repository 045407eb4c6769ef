; Definitions
(function_declaration) @def.function
(assignment_statement (variable_list name: [(identifier) (dot_index_expression)] @def.function)
  (expression_list value: (function_definition)))
(chunk (assignment_statement (variable_list name: (identifier) @def.variable)))
(chunk (variable_declaration (assignment_statement (variable_list name: (identifier) @def.variable))))
(function_definition) @local
(comment) @comment

; Imports
([(chunk (function_call name: (identifier) @_require) @import) (block (function_call name: (identifier) @_require) @import)]
  (#eq? @_require "require"))
(variable_declaration (assignment_statement
  (expression_list value: (function_call name: (identifier) @_require))) (#eq? @_require "require")) @import

; References
(function_call name: [(identifier) (dot_index_expression) (method_index_expression)] @call)
(assignment_statement (variable_list name: (dot_index_expression) @write))
(dot_index_expression) @member
(identifier) @name
(parameters (identifier) @skip)
