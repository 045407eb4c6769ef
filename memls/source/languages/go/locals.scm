[(function_declaration) (method_declaration) (func_literal)] @function
[(block) (if_statement) (for_statement) (expression_switch_statement) (type_switch_statement)
 (expression_case) (type_case) (default_case) (communication_case)] @scope

(parameter_declaration name: (identifier) @binding)
(variadic_parameter_declaration name: (identifier) @binding)
(short_var_declaration left: (expression_list (identifier) @binding)) @after
(var_spec name: (identifier) @binding) @after
(const_spec name: (identifier) @binding) @after
(range_clause left: (expression_list (identifier) @binding)) @after
(receive_statement left: (expression_list (identifier) @binding)) @after
(type_switch_statement alias: (expression_list (identifier) @binding))

(identifier) @use
(function_declaration name: (identifier) @other)
(keyed_element . (literal_element (identifier) @other))
(type_spec) @scope
(type_parameter_declaration name: (identifier) @binding)
(type_identifier) @use
