//! Copying between the client's standard streams and a taken-over connection.

use std::cell::Cell;
use std::rc::Rc;

use docker_api::stdcopy::{self, Stream};
use machine::{Fd, Sys, WaitQueue};

use super::race::{Either, race};
use super::{DetachKeys, RawMode};
use crate::api::Hijacked;
use crate::cli::write_out;

/// What is connected.
#[derive(Clone, Debug, Default)]
pub struct Streams {
    /// Standard input goes there.
    pub stdin: bool,
    /// Output comes from there.
    pub output: bool,
    /// The other side is a terminal: bytes are raw, and this side's terminal too.
    pub tty: bool,
    /// The keys that detach.
    pub keys: Vec<u8>,
}

impl Streams {
    /// Whether keys go to a terminal at the other side, so that this side's own does nothing with them.
    pub fn takes_keys(&self) -> bool {
        self.tty && self.stdin
    }
}

/// How the copying ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The other side closed.
    Closed,
    /// The detach keys were typed.
    Detached,
    /// The daemon reported an error in the stream.
    Failed(String),
}

#[derive(PartialEq, Clone, Copy)]
enum Input {
    Open,
    Closed,
    Detached,
}

/// Copies until the other side closes or the user detaches.
pub async fn copy_streams(sys: &Sys, mut hijacked: Hijacked, streams: &Streams) -> Ended {
    let raw = streams.takes_keys().then(|| RawMode::enter(sys, Fd::STDIN)).flatten();
    let input = Rc::new((Cell::new(Input::Open), WaitQueue::new()));
    let thread = streams.stdin.then(|| start_input(sys, &hijacked, streams, &input));
    if !streams.stdin {
        hijacked.connection.close_write();
    }
    let detached = async {
        while input.0.get() != Input::Detached && (streams.output || input.0.get() == Input::Open) {
            input.1.wait().await;
        }
    };
    let quiet = sys.for_thread();
    let ended = match race(copy_output(&quiet, &mut hijacked, streams.tty), detached).await {
        Either::Left(ended) => ended,
        Either::Right(()) if input.0.get() == Input::Detached => Ended::Detached,
        Either::Right(()) => Ended::Closed,
    };
    if let Some(cancel) = thread {
        cancel();
    }
    drop(raw);
    ended
}

type InputState = Rc<(Cell<Input>, WaitQueue)>;

fn start_input(sys: &Sys, hijacked: &Hijacked, streams: &Streams, state: &InputState) -> impl FnOnce() + use<> {
    let (quiet, to, state) = (sys.for_thread(), hijacked.connection.fd, state.clone());
    let mut keys = DetachKeys::new(if streams.tty { streams.keys.clone() } else { Vec::new() });
    let detached = Rc::new(Cell::new(false));
    let thread = sys.thread(async move {
        let noted = detached.clone();
        let filter = move |typed: &[u8]| {
            let passed = keys.filter(typed);
            noted.set(passed.is_none());
            passed
        };
        let _ = quiet.relay(Fd::STDIN, to, filter).await;
        if detached.get() {
            state.0.set(Input::Detached);
        } else {
            let _ = quiet.shutdown(to, machine::net::Shutdown::Write);
            state.0.set(Input::Closed);
        }
        state.1.wake();
    });
    let sys = sys.clone();
    move || sys.cancel_thread(thread)
}

async fn copy_output(sys: &Sys, hijacked: &mut Hijacked, tty: bool) -> Ended {
    let connection = &mut hijacked.connection;
    loop {
        if tty {
            let data = std::mem::take(&mut connection.buffer);
            write_out(sys, Fd::STDOUT, &data).await;
        } else {
            loop {
                match stdcopy::take(&mut connection.buffer) {
                    Ok(None) => break,
                    Ok(Some((Stream::SystemErr, data))) => {
                        let text = String::from_utf8_lossy(&data);
                        return Ended::Failed(format!("error from daemon in stream: {text}"));
                    }
                    Ok(Some((stream, data))) => {
                        let to = if stream == Stream::Stderr { Fd::STDERR } else { Fd::STDOUT };
                        write_out(sys, to, &data).await;
                    }
                    Err(why) => return Ended::Failed(why),
                }
            }
        }
        match connection.fill().await {
            Ok(true) => {}
            _ => return Ended::Closed,
        }
    }
}
