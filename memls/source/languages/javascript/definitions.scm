; What only JavaScript's grammar has; the rest is in shared.scm and jsx.scm.
(field_definition) @def.field
(field_definition value: [(arrow_function) (function_expression)]) @def.method
(class_heritage [(identifier) (member_expression)] @inherit)
(class_heritage (call_expression function: [(identifier) (member_expression)] @call))
(formal_parameters (identifier) @skip)
(formal_parameters (assignment_pattern left: (identifier) @skip))
