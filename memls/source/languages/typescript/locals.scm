[(required_parameter pattern: (identifier) @binding) (optional_parameter pattern: (identifier) @binding)]
