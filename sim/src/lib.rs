//! ChatDev inside turmoil.
