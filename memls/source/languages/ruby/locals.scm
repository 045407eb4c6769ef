[(method) (singleton_method) (lambda)] @function
[(block) (do_block)] @scope
[(class) (module)] @class

(method_parameters (identifier) @binding)
(block_parameters (identifier) @binding)
(lambda_parameters (identifier) @binding)
(optional_parameter name: (identifier) @binding)
(keyword_parameter name: (identifier) @binding)
(splat_parameter name: (identifier) @binding)
(hash_splat_parameter name: (identifier) @binding)
(block_parameter name: (identifier) @binding)
(assignment left: (identifier) @binding)
(left_assignment_list (identifier) @binding)
(for pattern: (identifier) @binding)
(exception_variable (identifier) @binding)

(identifier) @use
(call method: (identifier) @other)
(method name: (identifier) @other)
(singleton_method name: (identifier) @other)
