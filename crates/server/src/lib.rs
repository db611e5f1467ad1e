//! ChatDev: the `server` room.
