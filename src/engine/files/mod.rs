//! Files on the machine's disk: trees, archives, and paths inside a root that is not the host's.

pub mod archive;
pub mod resolver;
pub mod scope;
pub mod tree;
