//! ChatDev: the `stream` room.
