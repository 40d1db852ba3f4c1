"""The life of one request: validate, choose the model, reuse an answer, ask the provider, record, shape the response."""
