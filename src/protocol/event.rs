//! What the SDK calls back when the server says something.
