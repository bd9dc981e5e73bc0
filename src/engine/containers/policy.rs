//! The restart policy: whether a container that ended, or that a daemon finds, is to run.

use crate::model::container::Container;

/// Whether the restart policy wants the container back.
pub fn wants_restart(c: &Container, code: i64) -> bool {
    let host = c.host.borrow();
    let policy = &host.restart_policy;
    if c.stopped_by_hand.get() || c.removed.get() {
        return false;
    }
    match policy.name.as_str() {
        "always" | "unless-stopped" => true,
        "on-failure" => retries_left(c, code),
        _ => false,
    }
}

/// Whether the policy `on-failure` starts a container again that ended so.
fn retries_left(c: &Container, code: i64) -> bool {
    let most = c.host.borrow().restart_policy.maximum_retry_count;
    code != 0 && (most == 0 || c.restarts.get() < most)
}

/// Whether the restart policy wants a container to run when the daemon has started.
pub fn starts_with_daemon(c: &Container) -> bool {
    let (host, state) = (c.host.borrow(), c.state.borrow());
    if state.started.is_none() || state.running {
        return false;
    }
    match host.restart_policy.name.as_str() {
        "always" => true,
        "unless-stopped" => !c.stopped_by_hand.get(),
        "on-failure" => !c.stopped_by_hand.get() && retries_left(c, state.exit_code),
        _ => false,
    }
}
