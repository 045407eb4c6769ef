; Definitions
(function_definition) @def.function
(class_definition) @def.class
(decorated_definition) @outer
(assignment left: (identifier)) @def.variable
(assignment left: (pattern_list (identifier) @def.variable))
(assignment left: (attribute object: (identifier)) @def.attribute)
(assignment left: (pattern_list (attribute object: (identifier)) @def.attribute))
(type_alias_statement) @def.type
(lambda) @local
(decorator) @attribute
(comment) @comment

; Imports
(import_statement) @import
(import_from_statement) @import
(future_import_statement) @import

; References
(call function: [(identifier) (attribute)] @call)
(decorator [(identifier) (attribute)] @decorator)
(decorator (call function: [(identifier) (attribute)] @decorator))
(class_definition superclasses: (argument_list [(identifier) (attribute)] @inherit))
(class_definition superclasses: (argument_list (subscript value: [(identifier) (attribute)] @inherit)))
(type [(identifier) (attribute)] @type)
(type (generic_type (identifier) @type))
(type (subscript value: [(identifier) (attribute)] @type))
(type (subscript subscript: [(identifier) (attribute)] @type))
(type (binary_operator [(identifier) (attribute)] @type))
(assignment left: (attribute) @write)
(augmented_assignment left: [(identifier) (attribute)] @write)
(attribute) @member
(identifier) @name
(keyword_argument name: (identifier) @skip)
(parameters (identifier) @skip)
(default_parameter name: (identifier) @skip)
(typed_parameter (identifier) @skip)
(typed_default_parameter name: (identifier) @skip)
