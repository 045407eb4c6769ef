(rule_set (selectors)) @def.key
(keyframes_statement) @def.key
(declaration) @def.property
(comment) @comment
