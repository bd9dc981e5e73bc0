//! The interactive mode.

use std::time::Duration;

use machine::process::Disposition;
use machine::{Errno, Fd, PollFd, Signal};

use crate::console::{Exit, Run};
use crate::debugger;
use crate::format::Output;
use crate::prompt::LineReader;
use crate::session::Session;
use crate::words::{self, atoi, is, leading_integer};

type Words<'a> = &'a [Vec<u8>];

/// A file in the user's home, or where a variable of the environment says; `/dev/null` is none.
fn dotfile(session: &Session, variable: &str, name: &str) -> Option<String> {
    match session.sys.env_var(variable).filter(|path| !path.is_empty()) {
        Some(path) => Some(path).filter(|path| path != "/dev/null"),
        None => session.sys.env_var("HOME").filter(|home| !home.is_empty()).map(|home| format!("{home}/{name}")),
    }
}

/// Reads commands until there are no more, or until a script is to be debugged from its beginning.
pub async fn run(session: &mut Session) -> Run<()> {
    _ = session.sys.sigaction(Signal::PIPE, Disposition::Ignore);
    _ = session.sys.sigaction(Signal::INT, Disposition::Catch);
    let mut reader = LineReader::new(&session.sys);
    if reader.tty && !session.debugging() {
        session.init_help().await?;
    }
    session.interactive = true;
    let mut history = None;
    if reader.tty {
        history = dotfile(session, "REDISCLI_HISTFILE", ".rediscli_history");
        if let Some(lines) = history.as_ref().and_then(|path| session.sys.read_file(path).ok()) {
            reader.history.load(&lines);
        }
        load_preferences(session);
    }
    loop {
        session.out.settle().await;
        let prompt = if session.link.is_some() { session.prompt() } else { "not connected> ".into() };
        let help = session.help.take();
        let line = reader.line(&prompt, help.as_ref(), session.hints).await;
        session.help = help;
        match line {
            None if session.subscribed => {
                session.subscribed = false;
                if session.connect(false).await.is_err() {
                    break;
                }
            }
            None => break,
            Some(line) => {
                if !line.is_empty() && obey(session, &mut reader, history.as_deref(), &line).await? {
                    return Ok(());
                }
                if session.subscribed {
                    wait_for_messages(session).await?;
                }
            }
        }
    }
    Ok(())
}

/// Remembers a line and writes the history's file.
fn remember(session: &Session, reader: &mut LineReader, file: Option<&str>, line: &[u8], sensitive: bool) {
    if !reader.tty {
        return;
    }
    reader.history.add(line, sensitive);
    if let Some(file) = file.filter(|_| !sensitive) {
        let content = reader.history.to_file();
        if session.sys.put_file(file, content.into(), 0o600).is_ok() {
            let private = machine::fs::SetAttr { mode: Some(0o600), ..Default::default() };
            _ = session.sys.set_attr(file, &private);
        }
    }
}

/// Does what a line says. True if the prompt is to be left.
async fn obey(session: &mut Session, reader: &mut LineReader, file: Option<&str>, line: &[u8]) -> Run<bool> {
    let split = if session.debugging() { debugger::split(line) } else { words::split(line) };
    let Some(typed) = split else {
        session.out.print("Invalid argument(s)\n");
        session.out.flush().await;
        remember(session, reader, file, line, false);
        return Ok(false);
    };
    let Some(first) = typed.first() else { return Ok(false) };
    // `5 incr x` repeats.
    let text = String::from_utf8_lossy(first);
    let (count, used) = leading_integer(&text);
    let repeated = typed.len() > 1 && used == text.len();
    if repeated && (count <= 0 || count == i64::MAX) {
        session.out.print("Invalid redis-cli repeat command option value.\n");
        return Ok(false);
    }
    let command = typed.get(usize::from(repeated)..).unwrap_or_default();
    remember(session, reader, file, line, is_sensitive(command));
    if is(first, "quit") || is(first, "exit") {
        return Err(Exit(0));
    } else if first.first() == Some(&b':') {
        set_preference(session, &typed, true);
    } else if is(first, "restart") && session.options.eval.is_some() {
        session.debugger = debugger::State::On { prompt: true };
        session.output = Output::Raw;
        return Ok(true);
    } else if is(first, "restart") {
        session.out.print("Use 'restart' only in Lua debugging mode.\n");
    } else if let ([name, host, port], true) = (typed.as_slice(), is(first, "connect")) {
        debug_assert!(is(name, "connect"));
        session.target.host = machine::text::from_bytes(host);
        session.target.port = atoi(&String::from_utf8_lossy(port));
        _ = session.connect(false).await;
        session.interrupted()?;
    } else if is(first, "clear") && typed.len() == 1 {
        session.out.settle().await;
        session.out.print("\x1b[H\x1b[2J");
    } else {
        let start = session.sys.now();
        _ = session.issue(command, if repeated { count } else { 1 }).await?;
        session.tell_end_of_debugging().await?;
        let elapsed = session.sys.now().since(start).as_millis();
        if elapsed >= 500 && session.output == Output::Standard {
            session.out.print(format!("({:.2}s)\n", elapsed as f64 / 1000.0));
        }
    }
    Ok(false)
}

/// `:set hints`; also the lines of `~/.redisclirc`.
fn set_preference(session: &mut Session, typed: Words<'_>, interactive: bool) {
    let place = if interactive { "" } else { ".redisclirc: " };
    let shown = |word: &[u8]| String::from_utf8_lossy(word).into_owned();
    match typed {
        [set, name, ..] if is(set, ":set") => match () {
            () if is(name, "hints") => session.hints = true,
            () if is(name, "nohints") => session.hints = false,
            () => session.out.print(format!("{place}unknown redis-cli preference '{}'\n", shown(name))),
        },
        [name, ..] => session.out.print(format!("{place}unknown redis-cli internal command '{}'\n", shown(name))),
        [] => {}
    }
}

fn load_preferences(session: &mut Session) {
    let path = dotfile(session, "REDISCLI_RCFILE", ".redisclirc");
    let Some(file) = path.and_then(|path| session.sys.read_file(&path).ok()) else { return };
    for line in file.split(|&b| b == b'\n') {
        if let Some(typed) = words::split(line) {
            set_preference(session, &typed, false);
        }
    }
}

/// Commands with passwords in them stay out of the history's file.
fn is_sensitive(typed: Words<'_>) -> bool {
    let one_of = |i: usize, names: &[&str]| typed.get(i).is_some_and(|w| names.iter().any(|n| is(w, n)));
    let count = typed.len();
    if one_of(0, &["auth"]) {
        return true;
    }
    if one_of(0, &["acl"]) {
        return one_of(1, &["deluser", "setuser", "getuser"]);
    }
    if one_of(0, &["config"]) && one_of(1, &["set"]) {
        let secret = ["masterauth", "masteruser", "tls-key-file-pass", "tls-client-key-file-pass", "requirepass"];
        return (2..count).step_by(2).any(|i| one_of(i, &secret));
    }
    if one_of(0, &["hello"]) && count > 4 {
        return one_of(2, &["auth"]) || (one_of(2, &["setname"]) && one_of(4, &["auth"]) && count > 6);
    }
    if one_of(0, &["migrate"]) && count > 7 {
        let keys = (6..count).find(|&i| one_of(i, &["keys"])).unwrap_or(count);
        return (6..keys).any(|i| one_of(i, &["auth", "auth2"]));
    }
    one_of(0, &["sentinel"])
        && count > 4
        && ((one_of(1, &["config"]) && one_of(2, &["set"]) && one_of(3, &["sentinel-pass", "sentinel-user"]))
            || (one_of(1, &["set"]) && one_of(3, &["auth-pass", "auth-user"])))
}

/// After SUBSCRIBE: shows messages as they come, until a key is pressed.
async fn wait_for_messages(session: &mut Session) -> Run<()> {
    let cooked = session.sys.tcgetattr(Fd(0)).ok();
    if let Some(mut mode) = cooked {
        (mode.echo, mode.icanon) = (false, false);
        _ = session.sys.tcsetattr(Fd(0), &mode, false);
    }
    let result = messages(session).await;
    if let Some(mode) = cooked {
        _ = session.sys.tcsetattr(Fd(0), &mode, false);
    }
    result
}

async fn messages(session: &mut Session) -> Run<()> {
    let tell = session.output != Output::Raw && session.out.tty;
    let color = session.sys.env_var("TERM").is_some_and(|t| t.contains("xterm"));
    while session.subscribed {
        while let Some(reply) = match session.link.as_mut().map(|l| l.buffered()) {
            Some(Ok(reply)) => reply,
            _ => return lost(session).await,
        } {
            session.show(&reply, false).await?;
        }
        if tell {
            let (bright, plain) = if color { ("\x1b[1;90m", "\x1b[0m") } else { ("", "") };
            session.out.print(format!(
                "{bright}Reading messages... (press Ctrl-C to quit or any key to type command)\r{plain}"
            ));
        }
        session.out.flush().await;
        let Some(fd) = session.link.as_ref().map(|l| l.fd()) else { return lost(session).await };
        let mut wait = [PollFd::readable(fd), PollFd::readable(Fd(0))];
        let polled = session.sys.poll(&mut wait, Some(Duration::from_secs(5))).await;
        if tell {
            session.out.print("\x1b[K");
            session.out.flush().await;
        }
        if polled == Err(Errno::EINTR) && session.interrupted()? {
            if session.connect(false).await.is_err() {
                return lost(session).await;
            }
            break;
        }
        let [server, keyboard] = wait.map(|w| polled.is_ok() && w.is_ready());
        if server {
            if session.read_reply(false).await?.is_err() {
                return lost(session).await;
            }
        } else if keyboard {
            break;
        }
    }
    Ok(())
}

async fn lost<T>(session: &mut Session) -> Run<T> {
    session.tell_error().await;
    Err(Exit(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_out_of_the_history() {
        let sensitive = |line: &str| is_sensitive(&words::split(line.as_bytes()).unwrap());
        for line in [
            "auth x",
            "config set save '' requirepass p",
            "HELLO 3 AUTH u p",
            "acl setuser a",
            "migrate h 1 k 0 9 AUTH p k k",
        ] {
            assert!(sensitive(line), "{line}");
        }
        for line in [
            "get auth",
            "config get requirepass",
            "migrate h 1 k 0 9 KEYS auth a",
            "acl whoami",
            "config set x requirepass",
        ] {
            assert!(!sensitive(line), "{line}");
        }
    }
}
