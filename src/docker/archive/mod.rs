//! Tar archives: build contexts, `docker cp`, and the rules of `.dockerignore`.

mod context;
mod ignore;
mod tree;
mod ustar;

pub use context::{build_context, context_with, lone_dockerfile};
pub use tree::{extract, pack};
pub use ustar::{Entry, EntryKind, Reader, Writer, is_tar};
