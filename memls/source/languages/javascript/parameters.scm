(formal_parameters [(identifier) @binding (assignment_pattern left: (identifier) @binding)])
