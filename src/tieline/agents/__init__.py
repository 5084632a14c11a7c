"""Who decides: rules, tree search and learned policies, all judged by the same environments."""
