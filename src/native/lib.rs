//! The drydock command.
