//! `docker rm`.

use std::rc::Rc;
use std::time::Duration;

use machine::Signal;

use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::files::tree;
use crate::model::container::Container;
use crate::paths::OVERLAY;
use crate::{disk, volumes};

/// Removing directories takes this long.
const WORK: Duration = Duration::from_millis(30);

/// `DELETE /containers/{id}`; `named` in the error text is what the user wrote.
pub async fn remove_named(
    d: &Rc<Daemon>,
    c: &Rc<Container>,
    named: &str,
    force: bool,
    with_volumes: bool,
) -> ApiResult<()> {
    let (running, paused, restarting) = {
        let state = c.state.borrow();
        (state.running, state.paused, state.restarting)
    };
    if (running || restarting) && !force {
        let why = match () {
            () if paused => "container is paused and must be unpaused first",
            () if restarting => "container is restarting: stop the container before removing or force remove",
            () => "container is running: stop the container before removing or force remove",
        };
        return Err(ApiError::conflict(format!("cannot remove container {}: {why}", docker_api::text_quote(named))));
    }
    remove(d, c, force, with_volumes).await
}

/// Removes a container, killing it first if it runs.
pub async fn remove(d: &Rc<Daemon>, c: &Rc<Container>, force: bool, with_volumes: bool) -> ApiResult<()> {
    if c.state.borrow().removing {
        return Err(ApiError::conflict(format!("removal of container {} is already in progress", c.id)));
    }
    c.state.borrow_mut().removing = true;
    c.stopped_by_hand.set(true);
    if force && c.is_running() {
        let (pid, group) = (c.state.borrow().pid, c.cgroup.get());
        if let Some(group) = group {
            let _ = d.sys.cgroup_freeze(group, false);
        }
        if let Some(pid) = pid {
            let _ = d.sys.kill(pid, Some(Signal::KILL));
            d.container_event(c, "kill", &[("signal", "9")]);
        }
        // What removes the container when it ends must not come first.
        c.host.borrow_mut().auto_remove = false;
        while c.is_running() {
            if d.sys.wait_on(&c.changed).await.is_err() {
                break;
            }
        }
    }
    let _ = d.sys.sleep(WORK).await;
    let names: Vec<String> = c.mounts.borrow().iter().filter(|m| m.kind == "volume").map(|m| m.name.clone()).collect();
    discard(d, c);
    if with_volumes {
        volumes::remove_anonymous(d, &names);
    }
    Ok(())
}

/// Takes a container out of the table and its files away.
pub fn discard(d: &Rc<Daemon>, c: &Rc<Container>) {
    let known = d.containers.borrow_mut().remove(&c.id).is_some();
    for exec in c.execs.take() {
        d.execs.borrow_mut().remove(&exec);
    }
    disk::containers::forget(&d.sys, &c.id);
    tree::remove_tree(&d.sys, &c.dir());
    tree::remove_tree(&d.sys, &format!("{OVERLAY}/{}", c.rootfs.id));
    tree::remove_tree(&d.sys, &format!("{OVERLAY}/{}-init", c.rootfs.id));
    crate::images::remove::release_layers(d, &c.chain);
    c.removed.set(true);
    if known {
        d.container_event(c, "destroy", &[]);
    }
    c.changed.wake();
}
