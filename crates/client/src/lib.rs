//! ChatDev: the `client` room.
