//! redis-cli: the prompt, the printing, the cluster manager.

mod format;
mod help;
mod options;
mod prompt;
mod words;
