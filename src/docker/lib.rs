//! The docker client: commands/<noun>/<verb>.rs.
