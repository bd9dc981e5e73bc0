//! `POST /containers/prune`

use std::rc::Rc;

use docker_api::filters::Filters;
use docker_api::types::ContainersPrune;

use super::{inspect, remove};
use crate::daemon::Daemon;
use crate::error::ApiResult;
use crate::model::container::Container;
use crate::time::point_in_time;

/// Removes all containers that do not run.
pub async fn prune(d: &Rc<Daemon>, filters: &Filters) -> ApiResult<ContainersPrune> {
    let until = filters.get("until").first().map(|t| point_in_time(t, d.sys.wall_clock())).transpose()?;
    let all: Vec<Rc<Container>> = d.containers.borrow().values().cloned().collect();
    let (mut gone, mut space) = (Vec::new(), 0);
    for c in all {
        let idle = {
            let state = c.state.borrow();
            !state.running && !state.restarting && !state.removing
        };
        let labels = c.config.borrow().labels.clone().unwrap_or_default();
        let young = until.is_some_and(|u| i128::from(c.created.0) >= u);
        if !idle || young || !filters.prunes(&labels) {
            continue;
        }
        space += inspect::sizes(d, &c).0 as u64;
        remove::remove(d, &c, false, false).await?;
        gone.push(c.id.clone());
    }
    d.prune_event("container", space);
    Ok(ContainersPrune { containers_deleted: (!gone.is_empty()).then_some(gone), space_reclaimed: space })
}
