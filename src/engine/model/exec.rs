//! Further processes in containers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use docker_api::types::ExecConfig;
use machine::tty::WindowSize;
use machine::{Pid, WaitQueue};

use super::container::Container;
use crate::runtime::streams::Streams;

/// One more process.
pub struct Exec {
    /// 64 digits.
    pub id: String,
    /// Where it runs.
    pub container: Rc<Container>,
    /// What was asked for.
    pub config: ExecConfig,
    /// Its streams.
    pub streams: Rc<Streams>,
    /// Its number, once it runs.
    pub pid: Cell<Option<Pid>>,
    /// How it ended.
    pub exit_code: Cell<Option<i64>>,
    /// Whether it runs.
    pub running: Cell<bool>,
    /// Woken when it ends.
    pub ended: WaitQueue,
    /// Whether somebody started it.
    pub started: Cell<bool>,
    /// The size of its terminal, once a client told it.
    pub size: RefCell<Option<WindowSize>>,
}
