//! Every addressable path of an alert with its type: the schema that conditions compile against.
