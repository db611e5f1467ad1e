//! ChatDev: the `stanza` room.
