//! Renaming, changing limits, resizing terminals.

use machine::Sys;
use std::rc::Rc;

use docker_api::types::{UpdateBody, UpdateResponse};
use machine::tty::WindowSize;

use super::{checks, name, spec};
use crate::daemon::Daemon;
use crate::disk;
use crate::error::{ApiError, ApiResult};
use crate::model::container::Container;

/// `POST /containers/{id}/rename`
pub fn rename(d: &Rc<Daemon>, c: &Rc<Container>, name: &str) -> ApiResult<()> {
    if name.is_empty() {
        return Err(ApiError::bad("New name cannot be empty"));
    }
    let old = c.name.borrow().clone();
    if name.strip_prefix('/').unwrap_or(name) == old {
        return Err(ApiError::bad("Renaming a container with the same name as its current name"));
    }
    let name = name::reserve(d, &format!("/{}", name.strip_prefix('/').unwrap_or(name))).map_err(|error| {
        let message = format!("Error when allocating new name: {}", error.message);
        ApiError { message, ..error }
    })?;
    c.name.replace(name.clone());
    for endpoint in c.endpoints.borrow_mut().values_mut() {
        for known in endpoint.dns_names.iter_mut().flatten().filter(|n| **n == old) {
            known.clone_from(&name);
        }
    }
    for network in d.networks.all.borrow().values() {
        if let Some(member) = network.members.borrow_mut().get_mut(&c.id) {
            member.name.clone_from(&name);
            member.dns.iter_mut().filter(|n| **n == old).for_each(|n| n.clone_from(&name));
        }
    }
    disk::containers::save(&d.sys, c);
    d.container_event(c, "rename", &[("oldName", &format!("/{old}"))]);
    Ok(())
}

/// `POST /containers/{id}/update`
pub fn update(d: &Rc<Daemon>, c: &Rc<Container>, body: &UpdateBody) -> ApiResult<UpdateResponse> {
    let refuse = |why: &str| Err(ApiError::bad(format!("Cannot update container {}: {why}", c.id)));
    {
        let mut host = c.host.borrow_mut();
        if body.memory != 0 && body.memory < 6 << 20 {
            return Err(ApiError::bad("Minimum memory limit allowed is 6MB"));
        }
        if body.memory > 0
            && body.memory_swap == 0
            && (host.memory_swap == 0 || body.memory > host.memory_swap)
            && host.memory_swap != -1
        {
            return refuse(
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time",
            );
        }
        checks::restart(&body.restart_policy, false)?;
        if host.auto_remove && !matches!(body.restart_policy.name.as_str(), "" | "no") {
            return refuse("Restart policy cannot be updated because AutoRemove is enabled for the container");
        }
        let set = |to: &mut i64, from: i64| *to = if from == 0 { *to } else { from };
        set(&mut host.memory, body.memory);
        set(&mut host.memory_swap, body.memory_swap);
        set(&mut host.memory_reservation, body.memory_reservation);
        set(&mut host.nano_cpus, body.nano_cpus);
        set(&mut host.cpu_shares, body.cpu_shares);
        set(&mut host.cpu_period, body.cpu_period);
        set(&mut host.cpu_quota, body.cpu_quota);
        if body.blkio_weight != 0 {
            host.blkio_weight = body.blkio_weight;
        }
        for (to, from) in [(&mut host.cpuset_cpus, &body.cpuset_cpus)] {
            if !from.is_empty() {
                to.clone_from(from);
            }
        }
        if body.pids_limit.is_some() {
            host.pids_limit = body.pids_limit;
        }
        if !body.restart_policy.name.is_empty() {
            host.restart_policy = body.restart_policy.clone();
        }
    }
    if let Some(group) = c.cgroup.get() {
        d.sys.cgroup_limit(group, spec::limits(c))?;
    }
    disk::containers::save(&d.sys, c);
    d.container_event(c, "update", &[]);
    Ok(UpdateResponse { warnings: Some(Vec::new()) })
}

/// `POST /containers/{id}/resize`
pub fn resize(sys: &Sys, c: &Rc<Container>, size: WindowSize) -> ApiResult<()> {
    if !c.is_running() {
        return Err(ApiError::conflict(format!("container {} is not running", c.id)));
    }
    let streams = c.streams.borrow().clone();
    if let Some(master) = streams.master.get() {
        sys.set_winsize(master, size)?;
    }
    Ok(())
}
