//! `--replica`, and SYNC or PSYNC typed by hand: shows the commands that a master sends to its replicas.

use std::time::Duration;

use super::rdb::{self, MARK, Payload};
use crate::console::{Exit, Run};
use crate::format::Output;
use crate::session::Session;

/// Throws the snapshot away, then prints commands until the connection ends. SYNC has been sent.
pub async fn follow(session: &mut Session) -> Run<()> {
    let Some(mut link) = session.link.take() else { return Err(Exit(1)) };
    let (payload, mut chunk) = rdb::begin(&mut session.out, &mut link).await?;
    let info = if payload == Payload::None { "Partial resync" } else { "Full resync" };
    session
        .out
        .error(match &payload {
            Payload::Until(_) => format!("{info} with master, discarding bytes of bulk transfer until EOF marker...\n"),
            Payload::Length(length) => format!("{info} with master, discarding {length} bytes of bulk transfer...\n"),
            Payload::None => format!("{info} with master...\n"),
        })
        .await;
    let mut discarded = 0u64;
    let mut last: Vec<u8> = Vec::new();
    loop {
        match &payload {
            Payload::None => break,
            Payload::Length(length) => {
                let wanted = usize::try_from(length - discarded).unwrap_or(usize::MAX).min(chunk.len());
                discarded += wanted as u64;
                if discarded >= *length {
                    chunk.drain(..wanted);
                    break;
                }
            }
            Payload::Until(mark) => {
                discarded += chunk.len() as u64;
                last.append(&mut chunk);
                if last.ends_with(mark) {
                    break;
                }
                last.drain(..last.len().saturating_sub(MARK));
            }
        }
        chunk = match link.receive_raw().await {
            Ok(bytes) if !bytes.is_empty() => bytes,
            _ => return session.out.fail(format!("Error reading RDB payload while {info}ing\n")).await,
        };
    }
    link.unread(&chunk);
    session.link = Some(link);
    if matches!(payload, Payload::Until(_)) {
        let text = format!("{info} done after {discarded} bytes. Logging commands from master.\n");
        session.out.error(text).await;
        _ = session.sys.sleep(Duration::from_secs(1)).await;
        session.out.error("sending REPLCONF ACK 0\n").await;
        if let Some(link) = &mut session.link {
            // Never answered.
            _ = link.send(&["REPLCONF", "ACK", "0"]).await;
        }
    } else {
        session.out.error(format!("{info} done. Logging commands from master.\n")).await;
    }
    let output = std::mem::replace(&mut session.output, Output::Csv);
    while session.read_reply(false).await?.is_ok() {}
    session.output = output;
    Ok(())
}
