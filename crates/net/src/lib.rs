//! ChatDev: the `net` room.
