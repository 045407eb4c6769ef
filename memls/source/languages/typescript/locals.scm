[(required_parameter pattern: (identifier) @binding) (optional_parameter pattern: (identifier) @binding)]
[(class_declaration) (interface_declaration) (type_alias_declaration) (function_signature) (method_signature)
 (abstract_method_signature) (function_type)] @scope
(type_parameter name: (type_identifier) @binding)
(type_identifier) @use
