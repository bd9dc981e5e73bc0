//! `docker stats` that goes on: a stream of measurements for each container, and a picture twice a second.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use docker_api::http::Query;
use machine::process::Disposition;
use machine::{Signal, TaskId};
use serde_json::Value;

use super::stats_rows::{listing, names, row, unknown_row};
use crate::api::{Body, Client, JsonLines};
use crate::cli::{Failure, Invocation, Outcome, fail, fail_with};
use crate::commands::common::part;

/// Between two pictures.
const PAUSE: Duration = Duration::from_millis(500);
/// How long the first measurements are waited for.
const FIRST: Duration = Duration::from_secs(2);

/// What is known of one container, shared with the thread that listens.
#[derive(Default)]
struct Known {
    stats: Option<Value>,
    over: bool,
}

struct Watched {
    name: String,
    known: Rc<RefCell<Known>>,
    thread: TaskId,
}

fn watch(c: &Invocation, client: &Client, name: String) -> Watched {
    let known: Rc<RefCell<Known>> = Rc::default();
    let (shared, client, asked) = (known.clone(), client.for_thread(), name.clone());
    let thread = c.sys.thread(async move {
        let mut query = Query::default();
        query.push("stream", "1");
        let path = format!("/containers/{}/stats", part(&asked));
        if let Ok(response) = client.send("GET", &path, &query, Body::None).await {
            let mut lines = JsonLines::new(response);
            while let Ok(Some(line)) = lines.next().await {
                shared.borrow_mut().stats = serde_json::from_slice(&line).ok();
            }
        }
        shared.borrow_mut().over = true;
    });
    Watched { name, known, thread }
}

/// Follows what is there: new containers are watched, those that went away no more.
async fn follow(c: &Invocation, client: &Client, watched: &mut Vec<Watched>) -> Result<(), Failure> {
    if c.matches.args.is_empty() || watched.is_empty() {
        let present = names(c).await?;
        watched.retain(|w| {
            let stays = present.contains(&w.name) && !w.known.borrow().over;
            if !stays {
                c.sys.cancel_thread(w.thread);
            }
            stays
        });
        for name in present {
            if !watched.iter().any(|w| w.name == name) {
                watched.push(watch(c, client, name));
            }
        }
    }
    Ok(())
}

/// Shows pictures until Ctrl-C.
pub async fn run(c: &Invocation) -> Outcome {
    let client = c.client();
    for name in &c.matches.args {
        client.get(&format!("/containers/{}/json", part(name)), &Query::default()).await?;
    }
    let _ = c.sys.sigaction(Signal::INT, Disposition::Catch);
    let mut watched = Vec::new();
    follow(c, &client, &mut watched).await?;
    let latest = c.sys.now() + FIRST;
    while watched.iter().any(|w| w.known.borrow().stats.is_none()) && c.sys.now() < latest {
        let _ = c.sys.sleep(PAUSE / 10).await;
    }
    loop {
        let _ = c.sys.sleep(PAUSE).await;
        let interrupted = c.sys.take_signal().is_some();
        if !interrupted {
            follow(c, &client, &mut watched).await?;
        }
        let whole = c.matches.on("no-trunc");
        let rows = watched.iter().filter_map(|w| {
            let known = w.known.borrow();
            // When the connections are given up the last picture knows nothing any more.
            known
                .stats
                .as_ref()
                .map(|s| if interrupted { unknown_row(s, &w.name, whole) } else { row(s, &w.name, whole) })
        });
        let shown = match listing(rows.collect()).render(&c.matches.text("format")) {
            Ok(shown) => shown,
            Err(why) => return fail(why),
        };
        // The picture, and again with the rest of each line and of the screen erased.
        let clean = shown.replace('\n', " \x1b[K\n");
        c.print(&format!("\x1b[H{shown}\x1b[H{clean} \x1b[K\n\x1b[J")).await;
        if interrupted {
            return fail_with(130, "");
        }
    }
}
