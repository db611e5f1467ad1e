//! ChatDev: the `xml` room.
