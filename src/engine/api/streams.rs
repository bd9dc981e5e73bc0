//! Calls whose answer goes on: attach, logs, wait, stats, events.

use std::rc::Rc;
use std::time::Duration;

use docker_api::types::{WaitError, WaitResponse};
use machine::UnixTime;

use crate::containers::stats as measuring;
use crate::containers::stop::{self, Condition};
use crate::daemon::Daemon;
use crate::error::{ApiError, ApiResult};
use crate::http::{Reply, Request};
use crate::model::container::Container;
use crate::runtime::log::{self as logging, Wanted};
use crate::runtime::streams::{self, Attach};
use crate::time::point_in_time;

/// Time between two measurements.
const STATS_INTERVAL: Duration = Duration::from_secs(1);

fn content_type(tty: bool) -> &'static str {
    if tty { docker_api::http::RAW_STREAM } else { docker_api::http::MULTIPLEXED_STREAM }
}

/// `POST /containers/{id}/attach`
pub async fn attach(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let keys = streams::parse_keys(q.query.get("detachKeys").unwrap_or("")).map_err(ApiError::bad)?;
    c.settled(&d.sys).await;
    if c.state.borrow().paused {
        return Err(ApiError::conflict(format!("container {} is paused, unpause the container before attach", q.arg)));
    }
    let (tty, open_stdin, once) = {
        let config = c.config.borrow();
        (config.tty, config.open_stdin, config.stdin_once)
    };
    let own = c.streams.borrow().clone();
    let stream = q.query.flag("stream");
    let follower = own.follow(stream && q.query.flag("stdout"), stream && q.query.flag("stderr"));
    let client = r.hijack(content_type(tty)).await?;
    d.container_event(&c, "attach", &[]);
    if q.query.flag("logs") {
        let wanted = Wanted {
            stdout: q.query.flag("stdout"),
            stderr: q.query.flag("stderr"),
            since: None,
            until: None,
            tail: None,
            timestamps: false,
            details: None,
        };
        for entry in wanted.select(c.log.read_from(&d.sys, 0).await.0) {
            let _ = d.sys.write_all(client.fd, &wanted.encode(&entry, tty)).await;
        }
    }
    let how = Attach {
        stdin: stream && q.query.flag("stdin") && open_stdin,
        detach_keys: if tty { keys } else { Vec::new() },
        tty,
        close_stdin: once,
    };
    streams::attach(&d.sys, client, &own, follower, how).await;
    Ok(())
}

/// `GET /containers/{id}/logs`
pub async fn logs(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let time = |key: &str| -> ApiResult<Option<i128>> {
        q.query
            .get(key)
            .filter(|t| !t.is_empty() && *t != "0")
            .map(|t| point_in_time(t, d.sys.wall_clock()))
            .transpose()
    };
    let wanted = Wanted {
        stdout: q.query.flag("stdout"),
        stderr: q.query.flag("stderr"),
        since: time("since")?,
        until: time("until")?,
        tail: q.query.get("tail").and_then(|t| t.parse().ok()),
        timestamps: q.query.flag("timestamps"),
        details: q
            .query
            .flag("details")
            .then(|| logging::details(&c.config.borrow(), &c.host.borrow().log_config.config)),
    };
    if !wanted.stdout && !wanted.stderr {
        return Err(ApiError::bad("Bad parameters: you must choose at least one stream"));
    }
    if !c.log.readable() {
        return Err(ApiError::internal("configured logging driver does not support reading"));
    }
    let tty = c.config.borrow().tty;
    r.stream(content_type(tty)).await?;
    let (entries, mut position) = c.log.read_from(&d.sys, 0).await;
    let mut entries = wanted.select(entries);
    if let Some(tail) = wanted.tail {
        entries.drain(..entries.len().saturating_sub(tail));
    }
    for entry in &entries {
        r.chunk(&wanted.encode(entry, tty)).await?;
    }
    while q.query.flag("follow") {
        let (entries, next) = c.log.read_from(&d.sys, position).await;
        position = next;
        for entry in wanted.select(entries) {
            r.chunk(&wanted.encode(&entry, tty)).await?;
        }
        let now = i128::from(d.sys.wall_clock().0);
        if c.log.size.get() > position {
            continue;
        }
        if !c.is_running() || wanted.until.is_some_and(|u| now >= u) {
            break;
        }
        until_log_or_end(d, &c).await;
    }
    r.finish().await
}

/// Waits for more lines or the container's end.
async fn until_log_or_end(d: &Rc<Daemon>, c: &Rc<Container>) {
    let (own, other) = (d.clone(), c.clone());
    let relay = d.sys.thread(async move {
        while other.is_running() {
            if own.sys.wait_on(&other.changed).await.is_err() {
                break;
            }
        }
        other.log.more.wake();
    });
    let _ = d.sys.wait_on(&c.log.more).await;
    d.sys.cancel_thread(relay);
}

/// `POST /containers/{id}/wait`
pub async fn wait(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let condition = match q.query.get("condition").unwrap_or("") {
        "" | "not-running" => Condition::NotRunning,
        "next-exit" => Condition::NextExit,
        "removed" => Condition::Removed,
        other => return Err(ApiError::bad(format!("invalid condition: {}", docker_api::text_quote(other)))),
    };
    if condition == Condition::NextExit {
        c.settled(&d.sys).await;
    }
    let seen = c.exits.get();
    r.stream(docker_api::http::JSON).await?;
    let (status_code, error) = stop::wait(&d.sys, &c, condition, seen).await;
    let error = (!error.is_empty()).then_some(WaitError { message: error });
    let body = serde_json::to_vec(&WaitResponse { error, status_code }).unwrap_or_default();
    r.chunk(&body).await?;
    r.chunk(b"\n").await?;
    r.finish().await
}

/// `GET /containers/{id}/stats`
pub async fn stats(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let c = d.container(&q.arg)?;
    let stream = q.query.get("stream").is_none() || q.query.flag("stream");
    if !stream {
        let mut before = None;
        if !q.query.flag("one-shot") && c.is_running() {
            before = measuring::sample(d, &c);
            let _ = d.sys.sleep(STATS_INTERVAL).await;
        }
        let now = measuring::sample(d, &c);
        return r.json(200, &measuring::body(&c, now.as_ref(), before.as_ref())).await;
    }
    r.stream(docker_api::http::JSON).await?;
    let mut before = None;
    while !c.removed.get() {
        let now = measuring::sample(d, &c);
        let mut text = serde_json::to_vec(&measuring::body(&c, now.as_ref(), before.as_ref())).unwrap_or_default();
        text.push(b'\n');
        r.chunk(&text).await?;
        before = now;
        let _ = d.sys.sleep(STATS_INTERVAL).await;
    }
    r.finish().await
}

/// `GET /events`
pub async fn events(d: &Rc<Daemon>, q: &Request, r: &mut Reply) -> ApiResult<()> {
    let filters =
        docker_api::filters::Filters::from_json(q.query.get("filters").unwrap_or("")).map_err(ApiError::bad)?;
    let time = |key: &str| -> ApiResult<Option<i128>> {
        q.query.get(key).filter(|t| !t.is_empty()).map(|t| point_in_time(t, d.sys.wall_clock())).transpose()
    };
    let (since, until) = (time("since")?, time("until")?);
    let mut next = if since.is_some() { 0 } else { d.events.next_number() };
    r.stream(docker_api::http::JSON).await?;
    d.listeners.set(d.listeners.get() + 1);
    let timer = until.filter(|u| *u > i128::from(d.sys.wall_clock().0)).map(|until| {
        let own = d.clone();
        d.sys.thread(async move {
            let left = until - i128::from(own.sys.wall_clock().0);
            let _ = own.sys.sleep(Duration::from_nanos(left.max(0) as u64)).await;
            own.events.wake.wake();
        })
    });
    let result = follow_events(d, r, &mut next, since, until, &filters).await;
    d.listeners.set(d.listeners.get() - 1);
    if let Some(timer) = timer {
        d.sys.cancel_thread(timer);
    }
    result?;
    r.finish().await
}

async fn follow_events(
    d: &Rc<Daemon>,
    r: &mut Reply,
    next: &mut u64,
    since: Option<i128>,
    until: Option<i128>,
    filters: &docker_api::filters::Filters,
) -> ApiResult<()> {
    loop {
        while let Some((event, number)) = d.events.get(*next) {
            *next = number;
            let at = i128::from(event.time_nano);
            if since.is_some_and(|s| at < s) || until.is_some_and(|u| at > u) || !event_fits(filters, &event) {
                continue;
            }
            let mut text = serde_json::to_vec(&event).unwrap_or_default();
            text.push(b'\n');
            r.chunk(&text).await?;
        }
        let UnixTime(now) = d.sys.wall_clock();
        if until.is_some_and(|u| i128::from(now) >= u) || d.sys.wait_on(&d.events.wake).await.is_err() {
            return Ok(());
        }
    }
}

fn event_fits(filters: &docker_api::filters::Filters, event: &docker_api::types::Event) -> bool {
    let any = |key: &str, fits: &dyn Fn(&str) -> bool| !filters.has(key) || filters.get(key).iter().any(|v| fits(v));
    let attributes = &event.actor.attributes;
    let named = |v: &str| event.actor.id.starts_with(v) || attributes.get("name").is_some_and(|n| n == v);
    let of_kind = |kind: &str, key: &str| any(key, &|v| event.kind == kind && named(v));
    any("type", &|v| event.kind == v)
        && any("event", &|v| event.action == v || event.action.split(':').next() == Some(v))
        && of_kind("container", "container")
        && of_kind("volume", "volume")
        && of_kind("network", "network")
        && any("image", &|v| {
            (event.kind == "image" && named(v))
                || attributes.get("image").is_some_and(|i| i == v || i.split(':').next() == Some(v))
        })
        && any("scope", &|v| event.scope == v)
        && filters.labels("label", attributes)
}
