(stream (document (block_node (block_mapping (block_mapping_pair) @def.key))))
(stream (document (block_node (block_mapping (block_mapping_pair value:
  (block_node (block_mapping (block_mapping_pair) @def.key)))))))
(stream (document (block_node (block_mapping (block_mapping_pair value:
  (block_node (block_mapping (block_mapping_pair value:
    (block_node (block_mapping (block_mapping_pair) @def.key))))))))))
