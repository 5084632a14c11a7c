"""What is told of a connection: the answer in a sentence, metrics, tables, remarks."""
