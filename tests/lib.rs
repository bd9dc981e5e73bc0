//! What the tests share: recorded sessions, and how two runs of the real thing are compared.

mod normal;
mod transcript;

pub use normal::{Normal, alike};
pub use transcript::{Compared, Transcript, folder, replay};
