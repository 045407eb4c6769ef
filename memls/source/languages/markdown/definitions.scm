[(atx_heading heading_content: (_)) (setext_heading heading_content: (_))] @def.heading
; A heading in these is none of the document.
[(block_quote) (list_item)] @local
