//! Files: the file systems, how they are mounted, and how paths are resolved.

mod types;
mod vfs;

pub use types::*;
pub(crate) use vfs::mount_standard;
pub use vfs::{Location, MountNamespace, PathContext, Vfs};
