[(function_item) (closure_expression)] @function
[(block) (match_arm) (if_expression) (while_expression) (for_expression)] @scope

(parameter pattern: (identifier) @binding)
(self_parameter (self) @binding)
(closure_parameters (identifier) @binding)
(let_declaration pattern: (identifier) @binding)
(let_declaration) @after
(for_expression pattern: (identifier) @binding)
(tuple_pattern (identifier) @binding)
(slice_pattern (identifier) @binding)
(mut_pattern (identifier) @binding)
(ref_pattern (identifier) @binding)
(reference_pattern (identifier) @binding)
(captured_pattern . (identifier) @binding)
(tuple_struct_pattern type: (_) (identifier) @binding (#match? @binding "^[a-z_]"))
(field_pattern name: (shorthand_field_identifier) @binding)
(field_pattern pattern: (identifier) @binding)
(match_pattern (identifier) @binding (#match? @binding "^[a-z_]"))

[(identifier) (self) (shorthand_field_identifier)] @use
(function_item name: (identifier) @other)
(scoped_identifier name: (identifier) @other)
(scoped_identifier path: [(identifier) (self)] @other)
[(impl_item) (struct_item) (enum_item) (trait_item) (type_item) (function_signature_item)] @scope
(type_parameter name: (type_identifier) @binding)
(type_identifier) @use
