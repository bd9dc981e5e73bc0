//! Signals of the client passed on to the container, and the window's size to its terminal.

use docker_api::http::Query;
use machine::process::Disposition;
use machine::{ExitCode, Fd, Signal, Sys};

use crate::api::Client;

/// The signals that are passed on.
const PASSED: [Signal; 9] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::USR1,
    Signal::USR2,
    Signal::ALRM,
    Signal::TERM,
    Signal::CONT,
    Signal::TSTP,
];
/// So many interrupts end the client whatever the container does.
const PATIENCE: usize = 3;

/// Signals that are for nobody: the first two are swallowed, the third ends the program.
pub fn hold_signals(sys: &Sys) {
    for signal in [Signal::INT, Signal::TERM] {
        let _ = sys.sigaction(signal, Disposition::Catch);
    }
    let (watcher, quiet) = (sys.clone(), sys.for_thread());
    sys.thread(async move {
        for _ in 0..PATIENCE {
            watcher.next_signal().await;
        }
        give_up(&quiet).await;
    });
}

async fn give_up(quiet: &Sys) {
    let text = "\ngot 3 SIGTERM/SIGINTs, forcefully exiting\n";
    let _ = quiet.write_all(Fd::STDERR, text.as_bytes()).await;
    quiet.exit(ExitCode::FAILURE).await;
}

/// Starts watching: with `proxy` signals go to the container `kill` names, and with `resize` (the path of
/// a resize call) the window's size follows the terminal's.
pub fn forward_signals(sys: &Sys, client: &Client, container: Option<String>, resize: Option<String>) {
    let mut caught = Vec::new();
    if container.is_some() {
        caught.extend(PASSED);
    }
    if resize.is_some() {
        caught.push(Signal::WINCH);
    }
    for signal in caught {
        let _ = sys.sigaction(signal, Disposition::Catch);
    }
    let (watcher, quiet, client) = (sys.clone(), sys.for_thread(), client.for_thread());
    sys.thread(async move {
        let mut interrupts = 0;
        loop {
            let signal = watcher.next_signal().await;
            if signal == Signal::WINCH {
                if let Some(path) = &resize {
                    watch_window(&quiet, &client, path).await;
                }
                continue;
            }
            if matches!(signal, Signal::INT | Signal::TERM) {
                interrupts += 1;
                if interrupts >= PATIENCE {
                    give_up(&quiet).await;
                }
            }
            if let Some(id) = &container {
                let mut query = Query::default();
                query.push("signal", signal.name().trim_start_matches("SIG"));
                let _ = client.post(&format!("/containers/{id}/kill"), &query).await;
            }
        }
    });
}

/// Tells the daemon the size of the terminal.
pub async fn watch_window(sys: &Sys, client: &Client, path: &str) {
    let Ok(size) = sys.winsize(Fd::STDOUT) else { return };
    let mut query = Query::default();
    query.push("h", size.rows.to_string());
    query.push("w", size.columns.to_string());
    let _ = client.post(path, &query).await;
}
