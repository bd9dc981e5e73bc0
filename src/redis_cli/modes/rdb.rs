//! `--rdb` and `--functions-rdb`: a server's snapshot into a file, taken as a replica takes it.

use machine::fs::OpenFlags;
use machine::{Fd, Sys};
use resp::reply::Reply;

use crate::connection::Link;
use crate::console::{Console, Exit, Run};
use crate::session::Session;
use crate::words::atoll;

/// Length of the mark that ends a transfer of unknown length.
pub const MARK: usize = 40;

/// How a transfer ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// after so many bytes
    Length(u64),
    /// with this mark
    Until(Vec<u8>),
    /// there is none: a partial resynchronisation
    None,
}

/// REPLCONF; its failure is told but matters little. True if the server accepted it.
pub async fn send_replconf(session: &mut Session, name: &str, value: &str) -> Run<bool> {
    session.out.error(format!("sending REPLCONF {name} {value}\n")).await;
    match session.ask(&["REPLCONF", name, value]).await? {
        Reply::Error(text) => {
            let text = String::from_utf8_lossy(&text).into_owned();
            session.out.error(format!("REPLCONF {name} error: {text}\n")).await;
            Ok(false)
        }
        _ => Ok(true),
    }
}

/// A line of the transfer's beginning, and what came behind it.
async fn line(link: &mut Link) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        // Empty lines only keep the connection alive.
        let start = bytes.iter().take_while(|&&b| b == b'\n').count();
        bytes.drain(..start);
        if let Some(end) = bytes.iter().position(|&b| b == b'\n') {
            let rest = bytes.split_off(end + 1);
            return Some((String::from_utf8_lossy(&bytes).trim_end().to_owned(), rest));
        }
        let more = link.receive_raw().await.ok().filter(|m| !m.is_empty() && bytes.len() < 4096)?;
        bytes.extend(more);
    }
}

/// Reads the answer to SYNC or PSYNC up to the payload. Gives the first bytes of it, too.
pub async fn begin(out: &mut Console, link: &mut Link) -> Run<(Payload, Vec<u8>)> {
    let Some((mut head, mut rest)) = line(link).await else {
        return out.fail("Error reading bulk length while SYNCing\n").await;
    };
    if head.starts_with('-') {
        return out.fail(format!("SYNC with master failed: {head}\n")).await;
    }
    let partial = head.starts_with("+CONTINUE");
    if partial || head.starts_with("+FULLRESYNC") {
        out.error(format!("PSYNC replied {head}\n")).await;
        if partial {
            return Ok((Payload::None, rest));
        }
        link.unread(&rest);
        match line(link).await {
            Some((next, after)) => (head, rest) = (next, after),
            None => return out.fail("Error reading bulk length while PSYNCing\n").await,
        }
    }
    let length = head.get(1..).unwrap_or_default();
    Ok((
        match length.strip_prefix("EOF:") {
            Some(mark) if mark.len() >= MARK => {
                Payload::Until(mark.as_bytes().get(..MARK).unwrap_or_default().to_vec())
            }
            _ => Payload::Length(atoll(length).max(0) as u64),
        },
        rest,
    ))
}

/// Runs the mode.
pub async fn run(session: &mut Session, functions_only: bool) -> Run<()> {
    send_replconf(session, "capa", "eof").await?;
    send_replconf(session, "rdb-only", "1").await?;
    if functions_only && !send_replconf(session, "rdb-filter-only", "functions").await? {
        return session.out.fail("Failed requesting functions only RDB from server, aborting\n").await;
    }
    let file = session.options.modes.file.clone();
    let Some(mut link) = session.link.take() else { return Err(Exit(1)) };
    fetch(&session.sys, &mut session.out, &mut link, &file).await
}

/// Sends SYNC and writes the snapshot to a file, or to standard output for `-`.
pub async fn fetch(sys: &Sys, out: &mut Console, link: &mut Link, file: &str) -> Run<()> {
    if link.send_raw(b"SYNC\r\n").await.is_err() {
        return out.fail("Error writing to master\n").await;
    }
    let (payload, first) = begin(out, link).await?;
    let to = match &payload {
        Payload::Length(length) => format!("SYNC sent to master, writing {length} bytes to '{file}'\n"),
        _ => format!("SYNC sent to master, writing bytes of bulk transfer until EOF marker to '{file}'\n"),
    };
    out.error(to).await;
    let fd = if file == "-" {
        out.flush().await;
        Fd(1)
    } else {
        match sys.open(file, OpenFlags { create: true, ..OpenFlags::WRITE }, 0o644).await {
            Ok(fd) => fd,
            Err(error) => return out.fail(format!("Error opening '{file}': {error}\n")).await,
        }
    };
    let mut chunk = first;
    let mut held = Vec::new();
    let mut written = 0u64;
    loop {
        let done = match &payload {
            Payload::Until(mark) => {
                held.append(&mut chunk);
                let found = held.ends_with(mark);
                let keep = held.len().min(MARK);
                let ready: Vec<u8> = held.drain(..held.len() - keep).collect();
                written += ready.len() as u64;
                write(sys, out, fd, &ready).await?;
                // The real one cuts the mark off a file again; of standard output it cannot.
                if found && fd == Fd(1) {
                    write(sys, out, fd, &held).await?;
                }
                found
            }
            Payload::Length(length) => {
                chunk.truncate(usize::try_from(length - written).unwrap_or(usize::MAX));
                written += chunk.len() as u64;
                write(sys, out, fd, &chunk).await?;
                written >= *length
            }
            Payload::None => true,
        };
        if done {
            break;
        }
        chunk = match link.receive_raw().await {
            Ok(bytes) if !bytes.is_empty() => bytes,
            _ => return out.fail("I/O Error reading RDB payload from socket\n").await,
        };
    }
    out.error(match payload {
        Payload::Until(_) => format!("Transfer finished with success after {written} bytes\n"),
        _ => "Transfer finished with success.\n".to_owned(),
    })
    .await;
    if fd != Fd(1) {
        _ = sys.close(fd);
    }
    Ok(())
}

async fn write(sys: &Sys, out: &mut Console, fd: Fd, bytes: &[u8]) -> Run<()> {
    match sys.write_all(fd, bytes).await {
        Ok(()) => Ok(()),
        Err(error) => out.fail(format!("Error writing data to file: {error}\n")).await,
    }
}
