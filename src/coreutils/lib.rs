//! The utilities: one file each, in GNU's manners and, where a name runs from BusyBox, in its.

mod children;
mod context;
mod escapes;
mod lines;
mod net;
mod options;
mod regex;
mod registry;
mod text;
mod utilities;

pub use registry::{busybox_names, names, programs};

#[cfg(test)]
mod recorded_tests;
