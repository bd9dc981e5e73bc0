//! `--pipe`: raw protocol from standard input to the server, counting the replies.

use std::time::Duration;

use machine::{Errno, Fd, PollFd};
use resp::reply::Reply;

use crate::console::{Exit, Run};
use crate::session::Session;

/// What is read from standard input at once.
const CHUNK: usize = 16 * 1024;

struct Transfer {
    errors: u64,
    replies: u64,
    eof: bool,
    /// what the last ECHO is to bring back
    magic: [u8; 20],
    last_read: u64,
}

/// Runs the mode.
pub async fn run(session: &mut Session) -> Run<()> {
    let Some(mut link) = session.link.take() else { return Err(Exit(1)) };
    let _ = session.sys.set_nonblocking(link.fd(), true);
    let mut transfer =
        Transfer { errors: 0, replies: 0, eof: false, magic: [0; 20], last_read: session.sys.now().as_millis() };
    session.sys.random(&mut transfer.magic);
    let mut waiting: Vec<u8> = Vec::new();
    loop {
        let mut poll = [PollFd::readable(link.fd())];
        let [server] = &mut poll;
        server.write = !transfer.eof || !waiting.is_empty();
        session.out.settle().await;
        let _ = session.sys.poll(&mut poll, Some(Duration::from_secs(1))).await;
        let [server] = poll;
        if server.ready.readable || server.ready.hangup || server.ready.error {
            let lost = link.fill().await.is_err_and(|e| e != crate::connection::LinkError::Io(Errno::EINTR));
            loop {
                match link.buffered() {
                    Ok(Some(reply)) => {
                        transfer.last_read = session.sys.now().as_millis();
                        if count(session, &mut transfer, &reply).await {
                            return finish(session, &transfer);
                        }
                    }
                    Ok(None) => break,
                    Err(_) => return session.out.fail("Error reading replies from server\n").await,
                }
            }
            if lost {
                // What came before was counted; the end itself is not told.
                return Err(Exit(1));
            }
        }
        if server.write && server.ready.writable {
            send(session, &mut transfer, link.fd(), &mut waiting).await?;
        }
        let timeout = session.options.modes.pipe_timeout;
        let silent = (session.sys.now().as_millis() - transfer.last_read) / 1000;
        if transfer.eof && timeout > 0 && silent > timeout as u64 {
            session.out.error(format!("No replies for {timeout} seconds: exiting.\n")).await;
            transfer.errors += 1;
            return finish(session, &transfer);
        }
    }
}

/// Counts a reply; true for the one that ends the transfer.
async fn count(session: &mut Session, transfer: &mut Transfer, reply: &Reply) -> bool {
    match reply {
        Reply::Error(text) => {
            let text = [text.as_slice(), b"\n"].concat();
            session.out.error(text).await;
            transfer.errors += 1;
        }
        Reply::Bulk(text) if transfer.eof && *text == transfer.magic => {
            session.out.print("Last reply received from server.\n");
            return true;
        }
        _ => {}
    }
    transfer.replies += 1;
    false
}

async fn send(session: &mut Session, transfer: &mut Transfer, to: Fd, waiting: &mut Vec<u8>) -> Run<()> {
    if waiting.is_empty() && !transfer.eof {
        *waiting = match session.sys.read_vec(Fd(0), CHUNK).await {
            Ok(bytes) => bytes,
            Err(error) => return session.out.fail(format!("Error reading from stdin: {error}\n")).await,
        };
        if waiting.is_empty() {
            transfer.eof = true;
            // The empty line first puts an end to garbage that was typed.
            waiting.extend(b"\r\n*2\r\n$4\r\nECHO\r\n$20\r\n");
            waiting.extend(transfer.magic);
            waiting.extend(b"\r\n");
            session.out.print("All data transferred. Waiting for the last reply...\n");
        }
    }
    match session.sys.write(to, waiting).await {
        Ok(taken) => {
            waiting.drain(..taken.min(waiting.len()));
            Ok(())
        }
        Err(Errno::EAGAIN | Errno::EINTR) => Ok(()),
        Err(error) => session.out.fail(format!("Error writing to the server: {error}\n")).await,
    }
}

fn finish(session: &mut Session, transfer: &Transfer) -> Run<()> {
    let Transfer { errors, replies, .. } = transfer;
    session.out.print(format!("errors: {errors}, replies: {replies}\n"));
    if *errors > 0 { Err(Exit(1)) } else { Ok(()) }
}
