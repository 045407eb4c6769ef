; Definitions
(function_item) @def.function
(function_signature_item) @def.function
(struct_item) @def.struct
(union_item) @def.union
(enum_item) @def.enum
(enum_variant) @def.enum_member
(trait_item) @def.trait
(type_item) @def.type
(associated_type) @def.type
(const_item) @def.constant
(static_item) @def.variable
(field_declaration) @def.field
(macro_definition) @def.macro
(mod_item body: (_)) @def.module
(impl_item) @scope
(closure_expression) @local
(attribute_item) @attribute
(line_comment) @comment
(block_comment) @comment

; Imports
(use_declaration) @import
(mod_item !body) @import
(extern_crate_declaration) @import

; References
(call_expression function: [(identifier) (field_expression) (scoped_identifier)] @call)
(call_expression function: (generic_function function: [(identifier) (field_expression) (scoped_identifier)] @call))
(macro_invocation macro: [(identifier) (scoped_identifier)] @call)
(struct_expression) @literal
(struct_expression name: [(type_identifier) (scoped_type_identifier)] @call)
(impl_item trait: [(type_identifier) (scoped_type_identifier)] @inherit)
(impl_item trait: (generic_type type: [(type_identifier) (scoped_type_identifier)] @inherit))
(trait_item bounds: (trait_bounds [(type_identifier) (scoped_type_identifier)] @inherit))
(attribute_item (attribute [(identifier) (scoped_identifier)] @decorator))
(scoped_type_identifier) @type
(type_identifier) @type
(assignment_expression left: (field_expression) @write)
(field_expression) @member
(scoped_identifier) @member
(identifier) @name
(token_tree (identifier) @token)
(parameter pattern: (identifier) @skip)
