[(function_definition) (lambda_expression)] @function
[(block) (case_clause) (for_expression)] @scope
(template_body) @class

(parameter name: (identifier) @binding)
(lambda_expression parameters: (identifier) @binding)
(bindings (binding name: (identifier) @binding))
(block (val_definition pattern: (identifier) @binding))
(block (var_definition pattern: (identifier) @binding))
(case_clause pattern: (identifier) @binding)
(enumerator . (identifier) @binding)

(identifier) @use
(field_expression field: (identifier) @other)
(function_definition name: (identifier) @other)
