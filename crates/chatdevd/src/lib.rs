//! ChatDev: the `chatdevd` room.
