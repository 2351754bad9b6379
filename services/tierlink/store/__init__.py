"""The SQL read model, written by the projector and read by the API. Disposable: topics rebuild all of it."""
