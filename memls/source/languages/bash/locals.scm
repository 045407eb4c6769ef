(function_definition) @function

(function_definition (_ (declaration_command "local" (variable_assignment name: (variable_name) @binding))))
(function_definition (_ (declaration_command "local" (variable_name) @binding)))

(variable_name) @use
