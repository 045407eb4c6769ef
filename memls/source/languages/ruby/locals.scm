[(method) (singleton_method) (lambda)] @function
[(block) (do_block)] @scope
[(class) (module) (singleton_class)] @class

(method_parameters [(identifier) @binding (_ name: (identifier) @binding)])
(block_parameters [(identifier) @binding (_ name: (identifier) @binding)])
(lambda_parameters [(identifier) @binding (_ name: (identifier) @binding)])
(destructured_parameter (identifier) @binding)
(assignment left: (identifier) @binding)
(operator_assignment left: (identifier) @binding)
(left_assignment_list (identifier) @binding)
(exception_variable (identifier) @binding)
(for pattern: (identifier) @binding)

(identifier) @use
(method name: (identifier) @other)
(singleton_method name: (identifier) @other)
(call receiver: (_) method: (identifier) @other)
(call method: (identifier) @other arguments: (_))
(alias (identifier) @other)
