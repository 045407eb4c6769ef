(function_definition) @function
(lambda) @function
[(list_comprehension) (set_comprehension) (dictionary_comprehension) (generator_expression)] @scope
(class_definition body: (block) @class)

(function_definition name: (identifier) @binding.above)
(parameters [(identifier) @binding (list_splat_pattern (identifier) @binding) (dictionary_splat_pattern (identifier) @binding)])
(lambda_parameters [(identifier) @binding (list_splat_pattern (identifier) @binding) (dictionary_splat_pattern (identifier) @binding)])
(default_parameter name: (identifier) @binding)
(typed_default_parameter name: (identifier) @binding)
(typed_parameter [(identifier) @binding (list_splat_pattern (identifier) @binding) (dictionary_splat_pattern (identifier) @binding)])
(assignment left: (identifier) @binding)
(augmented_assignment left: (identifier) @binding)
(pattern_list (identifier) @binding)
(tuple_pattern (identifier) @binding)
(list_pattern (identifier) @binding)
(list_splat_pattern (identifier) @binding)
(for_statement left: (identifier) @binding)
(for_in_clause left: (identifier) @binding)
(named_expression name: (identifier) @binding)
(as_pattern_target (identifier) @binding)
(case_pattern (dotted_name . (identifier) @binding .))
(global_statement (identifier) @free)
(nonlocal_statement (identifier) @enclosing)
(default_parameter value: (_) @outside)
(typed_default_parameter value: (_) @outside)
(_ . (_) . (for_in_clause right: (_) @outside))

(identifier) @use
(attribute attribute: (identifier) @other)
(keyword_argument name: (identifier) @other)
(import_statement (_ (identifier) @other))
(import_from_statement (_ (identifier) @other))
