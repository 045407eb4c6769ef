; Definitions
(module) @def.module
(class) @def.class
(method) @def.function
(singleton_method) @def.function
(assignment left: (constant) @def.constant)
(assignment left: (global_variable) @def.variable)
(alias name: [(identifier) (operator) (setter)] @def.method)
(call method: (identifier) @_attr arguments: (argument_list (simple_symbol) @def.property)
  (#any-of? @_attr "attr_accessor" "attr_reader" "attr_writer" "cattr_accessor"))
(call method: (identifier) @_alias arguments: (argument_list . (simple_symbol) @def.method)
  (#any-of? @_alias "alias_method" "define_method"))
(assignment left: (instance_variable) @def.attribute)
(singleton_class) @scope
(lambda) @local
(comment) @comment

; Imports
(call !receiver method: (identifier) @_require arguments: (argument_list (string))
  (#any-of? @_require "require" "require_relative")) @import

; References
(call !receiver method: [(identifier) (constant)] @call)
(call receiver: (_) method: (_)) @invoke
(superclass (_) @inherit)
(call method: (identifier) @_mix arguments: (argument_list [(constant) (scope_resolution)] @inherit)
  (#any-of? @_mix "include" "extend" "prepend"))
(assignment left: (instance_variable) @write)
(instance_variable) @member
(scope_resolution) @member
(constant) @member
(body_statement (identifier) @argument)
(argument_list (identifier) @argument)
(assignment left: (identifier) @param)
(left_assignment_list (identifier) @param)
(method_parameters (identifier) @param)
(block_parameters (identifier) @param)
(optional_parameter name: (identifier) @param)
(keyword_parameter name: (identifier) @param)
(identifier) @name
(method_parameters (identifier) @skip)
(block_parameters (identifier) @skip)
