//! ChatDev: the `directory` room.
