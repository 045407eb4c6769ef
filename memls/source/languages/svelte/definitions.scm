; What a reactive statement assigns to and nothing declares: `$: double = 2 * count`.
(program (labeled_statement label: (statement_identifier) @_label
  body: (expression_statement (assignment_expression left: (identifier)) @def.variable)
  (#eq? @_label "$")))
