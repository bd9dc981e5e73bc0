//! What redis-cli does instead of sending commands: one file each.

mod bigkeys;
mod hotkeys;
mod intrinsic_latency;
mod keystats;
mod latency;
mod latency_dist;
mod lru_test;
mod pipe;
pub mod rdb;
pub mod replica;
mod scan;
mod stat;

use std::time::Duration;

use machine::process::Disposition;
use machine::{Errno, Signal};
use resp::reply::Reply;

use crate::connection::Link;
use crate::console::{Exit, Run};
use crate::options::Mode;
use crate::session::Session;

/// Runs a mode; they all need a server, but for the intrinsic latency.
pub async fn run(session: &mut Session, mode: Mode) -> Run<()> {
    if mode == Mode::IntrinsicLatency {
        return intrinsic_latency::run(session).await;
    }
    if session.connect(false).await.is_err() {
        return Err(Exit(1));
    }
    match mode {
        Mode::Latency => latency::run(session).await,
        Mode::Replica => {
            rdb::send_replconf(session, "capa", "eof").await?;
            rdb::send_replconf(session, "rdb-filter-only", "").await?;
            if let Some(link) = &mut session.link {
                _ = link.send_raw(b"SYNC\r\n").await;
            }
            replica::follow(session).await
        }
        Mode::Rdb => rdb::run(session, false).await,
        Mode::FunctionsRdb => rdb::run(session, true).await,
        Mode::Pipe => pipe::run(session).await,
        Mode::Bigkeys => bigkeys::run(session, None).await,
        Mode::Memkeys => {
            let samples = session.options.modes.samples;
            bigkeys::run(session, Some(samples)).await
        }
        Mode::Hotkeys => hotkeys::run(session).await,
        Mode::Stat => stat::run(session).await,
        Mode::Scan => scan::run(session).await,
        Mode::LatencyDist => latency_dist::run(session).await,
        Mode::VsetRecall => not_emulated(session, "--vset-recall").await,
        Mode::Keystats => keystats::run(session).await,
        Mode::LruTest => lru_test::run(session).await,
        Mode::IntrinsicLatency => Ok(()),
    }
}

async fn not_emulated(session: &mut Session, option: &str) -> Run<()> {
    session.out.fail(format!("drydock: redis-cli {option} is not emulated here\n")).await
}

/// Lets Ctrl-C end a scan with a summary instead of ending the program.
fn catch_interrupt(session: &mut Session) {
    if let Some(link) = &mut session.link {
        link.patient = true;
    }
    _ = session.sys.sigaction(Signal::INT, Disposition::Catch);
}

fn was_interrupted(session: &Session) -> bool {
    session.sys.take_signal() == Some(Signal::INT)
}

/// Sleeps; true when Ctrl-C came meanwhile.
async fn pause(session: &mut Session, microseconds: u64) -> bool {
    session.out.settle().await;
    session.sys.sleep(Duration::from_micros(microseconds)).await == Err(Errno::EINTR) && was_interrupted(session)
}

/// Sends a command; a lost connection is made anew, once a second.
async fn reconnecting(session: &mut Session, words: &[&str]) -> Run<Reply> {
    let mut tries = 0;
    loop {
        session.out.settle().await;
        if let Some(link) = &mut session.link
            && let Ok(reply) = link.command(words).await
        {
            if tries > 0 {
                session.out.print("\r\x1b[0K");
            }
            return Ok(reply);
        }
        tries += 1;
        session.out.print(format!("\r\x1b[0KReconnecting... {tries}\r"));
        session.out.flush().await;
        let to = crate::connection::Address::Host(session.target.host.clone(), session.target.port as u16);
        session.link = Link::connect(&session.sys, &to, session.options.timeout).await.ok();
        _ = session.sys.sleep(Duration::from_secs(1)).await;
    }
}

/// One step of SCAN: the keys, and the cursor for the next.
async fn scan_step(session: &mut Session, cursor: u64) -> Run<(Vec<Vec<u8>>, u64)> {
    let mut words = vec![b"SCAN".to_vec(), cursor.to_string().into_bytes()];
    if let Some(pattern) = &session.options.modes.pattern {
        words.extend([b"MATCH".to_vec(), pattern.clone()]);
    }
    words.extend([b"COUNT".to_vec(), session.options.modes.count.to_string().into_bytes()]);
    let reply = session.ask(&words).await?;
    match &reply {
        Reply::Error(text) => {
            let text = [b"SCAN error: ", text.as_slice(), b"\n"].concat();
            session.out.fail(text).await
        }
        Reply::Array(items) => match items.as_slice() {
            [next, keys] => {
                let keys =
                    keys.elements().unwrap_or_default().iter().filter_map(|k| Some(k.bytes()?.to_vec())).collect();
                Ok((keys, next.text().and_then(|t| t.parse().ok()).unwrap_or(0)))
            }
            _ => session.out.fail("Invalid element count from SCAN!\n").await,
        },
        _ => session.out.fail("Non ARRAY response from SCAN!\n").await,
    }
}

/// How many keys there are.
async fn database_size(session: &mut Session) -> Run<i64> {
    match session.ask(&["DBSIZE"]).await? {
        Reply::Integer(size) => Ok(size),
        Reply::Error(text) => {
            let text = [b"Couldn't determine DBSIZE: ", text.as_slice(), b"\n"].concat();
            session.out.fail(text).await
        }
        _ => session.out.fail("Non INTEGER response from DBSIZE!\n").await,
    }
}

/// READONLY, for replicas of a cluster; others say that they are none, which is fine.
async fn read_only(session: &mut Session) -> Run<()> {
    if let Reply::Error(text) = session.ask(&["READONLY"]).await?
        && text != b"ERR This instance has cluster support disabled"
        && !text.starts_with(b"ERR unknown command")
    {
        let text = [b"Error: ", text.as_slice(), b"\n"].concat();
        return session.out.fail(text).await;
    }
    Ok(())
}

/// Sends one command for each key at once, then reads the replies.
async fn for_each_key(session: &mut Session, commands: &[Vec<Vec<u8>>]) -> Run<Vec<Reply>> {
    let mut replies = Vec::with_capacity(commands.len());
    let mut failed = false;
    if let Some(link) = &mut session.link {
        let mut wire = Vec::new();
        for words in commands {
            wire.extend(crate::connection::encode(words));
        }
        failed = link.send_raw(&wire).await.is_err();
        while !failed && replies.len() < commands.len() {
            match link.receive().await {
                Ok(Reply::Push(_)) => {}
                Ok(reply) => replies.push(reply),
                Err(_) => failed = true,
            }
        }
    }
    if failed { session.out.fail("\nI/O error\n").await } else { Ok(replies) }
}

/// The bar that scans show on a terminal, two lines.
pub(super) fn progress_bar(sampled: u64, total: i64) -> String {
    const WIDTH: f64 = 60.0;
    let part = if total <= 0 { 0.0 } else { (sampled as f64 / total as f64).min(1.0) };
    let done = (WIDTH * part).round() as usize;
    let (full, empty) = ("|".repeat(done), "-".repeat(WIDTH as usize - done));
    format!("\x1b[2K\r{:6.2}% \x1b[32m{full}\x1b[31m{empty}\x1b[39m\n\x1b[2K\rKeys sampled: {sampled}\n", part * 100.0)
}

/// C's `%05.2f`.
fn percent(part: f64) -> String {
    format!("{part:05.2}")
}
