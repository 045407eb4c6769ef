; Definitions
(function_definition) @def.function
(program (variable_assignment name: (variable_name) @def.variable))
(program (declaration_command (variable_assignment name: (variable_name) @def.variable)))
(comment) @comment

; Imports
(command name: (command_name (word) @_source) . argument: (_) (#any-of? @_source "source" ".")) @import

; References
(command name: (command_name (word) @call))
(simple_expansion (variable_name) @name)
(expansion (variable_name) @name)
