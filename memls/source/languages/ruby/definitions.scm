; Definitions
(module) @def.module
(class) @def.class
(singleton_class) @scope
[(method) (singleton_method)] @def.function
(assignment left: [(constant) (scope_resolution)]
  right: (call receiver: (constant) @_of method: (identifier) @_new block: (_))
  (#any-of? @_of "Struct" "Class" "Data" "Module") (#any-of? @_new "new" "define")) @def.class
(assignment left: [(constant) (scope_resolution)]) @def.constant
(assignment left: (identifier)) @def.variable
(operator_assignment left: (identifier)) @def.variable
(assignment left: (instance_variable) @def.attribute)
(operator_assignment left: (instance_variable) @def.attribute)
(left_assignment_list (instance_variable) @def.attribute)
(call method: (identifier) @_attr arguments: (argument_list (simple_symbol) @def.property)
  (#any-of? @_attr "attr_accessor" "attr_reader" "attr_writer" "cattr_accessor" "mattr_accessor"
    "class_attribute"))
(call method: (identifier) @_define arguments: (argument_list . (simple_symbol) @def.method)
  (#any-of? @_define "define_method" "alias_method" "scope" "def_delegator" "delegate_method"))
(alias name: (identifier) @def.method)
[(block) (do_block) (lambda)] @local
(comment) @comment

; Imports
(call !receiver method: (identifier) @_require arguments: (argument_list (string))
  (#any-of? @_require "require" "require_relative" "load")) @import

; References
(superclass (_) @inherit)
(call !receiver method: (identifier) @_mixin arguments: (argument_list [(constant) (scope_resolution)] @inherit)
  (#any-of? @_mixin "include" "extend" "prepend"))
(call) @invoke
(scope_resolution) @member
(constant) @name
(instance_variable) @read
(identifier) @argument
(method_parameters (identifier) @skip)
(method_parameters (_ name: (identifier) @skip))
(block_parameters (identifier) @skip)
(lambda_parameters (identifier) @skip)
(method_parameters (identifier) @param)
(method_parameters (_ name: (identifier) @param))
(block_parameters [(identifier) @param (_ name: (identifier) @param)])
(lambda_parameters [(identifier) @param (_ name: (identifier) @param)])
(destructured_parameter (identifier) @param)
(left_assignment_list (identifier) @param)
(exception_variable (identifier) @param)
(for pattern: (identifier) @param)
[(alias (identifier) @skip) (module name: (_) @skip) (class name: (_) @skip)]
