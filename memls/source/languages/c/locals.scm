(function_definition) @function
[(compound_statement) (for_statement) (if_statement) (while_statement)] @scope

(parameter_declaration declarator: [
  (identifier) @binding
  (pointer_declarator declarator: [(identifier) @binding (pointer_declarator declarator: [
    (identifier) @binding (pointer_declarator declarator: (identifier) @binding)])])
  (array_declarator declarator: [(identifier) @binding (array_declarator declarator: (identifier) @binding)])
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @binding))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @binding)))])
(declaration declarator: [
  (identifier) @binding
  (pointer_declarator declarator: [(identifier) @binding (pointer_declarator declarator: (identifier) @binding)])
  (array_declarator declarator: [(identifier) @binding (array_declarator declarator: (identifier) @binding)])
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @binding))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @binding)))])
(init_declarator declarator: [
  (identifier) @binding
  (pointer_declarator declarator: [(identifier) @binding (pointer_declarator declarator: (identifier) @binding)])
  (array_declarator declarator: [(identifier) @binding (array_declarator declarator: (identifier) @binding)])
  (pointer_declarator declarator: (array_declarator declarator: (identifier) @binding))
  (function_declarator declarator: (parenthesized_declarator (pointer_declarator declarator: (identifier) @binding)))])

(identifier) @use
(function_definition declarator: (function_declarator declarator: (identifier) @other))
(function_definition declarator: (pointer_declarator declarator: (function_declarator declarator: (identifier) @other)))
