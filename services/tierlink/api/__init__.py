"""What people and programs read: a JSON API and server-rendered pages over the read model. It writes nothing."""
