((element (start_tag (tag_name) @_tag)) @def.heading
  (#any-of? @_tag "h1" "h2" "h3" "h4" "h5" "h6" "H1" "H2" "H3" "H4" "H5" "H6"))
((element (start_tag (attribute (attribute_name) @_name))) @def.key (#any-of? @_name "id" "ID"))
((script_element (start_tag (attribute (attribute_name) @_name))) @def.key (#any-of? @_name "id" "ID"))
