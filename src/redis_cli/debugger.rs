//! `--ldb`: a script is run under the server's debugger, which the prompt then talks to.
//!
//! Facts: what redis-cli 8.6.3 prints at a terminal.

use machine::text::to_bytes;
use resp::reply::Reply;

use crate::console::{Exit, Run};
use crate::format::Output;
use crate::repl;
use crate::session::Session;

/// How far debugging is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// No script is being debugged.
    #[default]
    Off,
    /// SCRIPT DEBUG was given: the next EVAL will be.
    Armed,
    /// A script is, and the prompt says so where `--ldb` began it.
    On {
        /// The prompt is the debugger's.
        prompt: bool,
    },
    /// It ended; its own reply is still to be read.
    Ended,
}

const WELCOME: &str = "Lua debugging session started, please use:\nquit    -- End the session.\nrestart -- Restart the script in debug mode again.\nhelp    -- Show Lua script debugging commands.\n\n";
/// What stands before the cursor meanwhile.
pub const PROMPT: &str = "lua debugger> ";
const END: &[u8] = b"<endsession>";

impl Session {
    /// Whether replies come from the debugger.
    pub fn debugging(&self) -> bool {
        matches!(self.debugger, State::On { .. })
    }

    /// What the debugger says, in colours; notes its end.
    pub fn debugger_says(&mut self, reply: &Reply) -> Vec<u8> {
        let colored = self.sys.env_var("TERM").is_some_and(|term| term.contains("xterm"));
        let lines = match reply {
            Reply::Array(lines) => lines.as_slice(),
            line => std::slice::from_ref(line),
        };
        let delimiters = self.options.delimiters.clone();
        let mut out = Vec::new();
        for (n, line) in lines.iter().enumerate() {
            if n > 0 {
                out.extend_from_slice(&delimiters.element);
            }
            match line {
                Reply::Status(text) if text.starts_with(END) => {
                    self.debugger = State::Ended;
                    self.output = Output::Standard;
                }
                Reply::Status(text) => push_line(&mut out, text, colored),
                other => crate::format::raw::write(&mut out, other, &delimiters),
            }
        }
        out.extend_from_slice(&delimiters.reply);
        out
    }

    /// Keeps up with SCRIPT DEBUG and EVAL that were typed.
    pub fn note_debugging(&mut self, typed: &[Vec<u8>]) {
        let is = |n: usize, name: &str| typed.get(n).is_some_and(|word| crate::words::is(word, name));
        if typed.len() == 3 && is(0, "script") && is(1, "debug") {
            self.debugger = if is(2, "yes") || is(2, "sync") { State::Armed } else { State::Off };
        }
        if is(0, "eval") && self.debugger == State::Armed {
            self.debugger = State::On { prompt: false };
            self.output = Output::Raw;
        }
    }

    /// After the end of a session: the script's own reply.
    pub async fn tell_end_of_debugging(&mut self) -> Run<()> {
        if self.debugger != State::Ended {
            return Ok(());
        }
        self.debugger = State::Off;
        _ = self.read_reply(false).await?;
        let rolled_back = if self.options.debugger_sync { "" } else { " -- dataset changes rolled back" };
        self.out.print(format!("\n(Lua debugging session ended{rolled_back})\n\n"));
        // Asked for on the connection that has ended: so the next command opens another.
        self.help = None;
        self.init_help().await
    }
}

/// A line in the colour of what it is about.
fn push_line(out: &mut Vec<u8>, text: &[u8], colored: bool) {
    if !colored {
        out.extend_from_slice(text);
        return;
    }
    let has = |mark: &[u8]| text.windows(mark.len()).any(|part| part == mark);
    let (mut bold, mut color) = (0, 37);
    for (mark, its_bold, its_color) in [
        (&b"<debug>"[..], 1, 37),
        (b"<redis>", 0, 32),
        (b"<reply>", 0, 36),
        (b"<error>", 0, 31),
        (b"<hint>", 1, 37),
        (b"<value>", 0, 35),
        (b"<retval>", 0, 35),
    ] {
        if has(mark) {
            (bold, color) = (its_bold, its_color);
        }
    }
    if text.len() > 4 && text[3].is_ascii_digit() {
        match (text[1], text[2]) {
            (b'>', _) => (bold, color) = (0, 33),
            (_, b'#') => (bold, color) = (1, 37),
            _ => {}
        }
    }
    out.extend_from_slice(format!("\x1b[{bold};{color};49m").as_bytes());
    out.extend_from_slice(text);
    out.extend_from_slice(b"\x1b[0m");
}

/// A line for the debugger: the code behind `eval` is one word, as it is.
pub fn split(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    for name in ["eval ", "e "] {
        if let Some(code) = line.strip_prefix(name.as_bytes()) {
            return Some(vec![to_bytes(name.trim_end()), code.to_vec()]);
        }
    }
    crate::words::split(line)
}

/// `--ldb --eval FILE key … , argument …`: again and again, as often as the user wants it.
pub async fn run(session: &mut Session, path: &str, arguments: &[String]) -> Run<()> {
    loop {
        session.out.print(WELCOME);
        let typed = crate::run::eval_words(session, path, arguments).await?;
        let mode: &[u8] = if session.options.debugger_sync { b"sync" } else { b"yes" };
        _ = session.ask(&[&b"SCRIPT"[..], b"DEBUG", mode]).await?;
        session.debugger = State::On { prompt: true };
        session.output = Output::Raw;
        _ = session.issue(&typed, 1).await?;
        if session.debugger == State::Ended {
            // It could not be compiled.
            session.debugger = State::Off;
            session.out.print("Eval debugging session can't start:\n");
            _ = session.read_reply(false).await?;
            return Ok(());
        }
        repl::run(session).await?;
        if session.debugger != (State::On { prompt: true }) {
            return Err(Exit(0));
        }
        // The user wants it from the beginning.
        _ = session.connect(false).await;
        session.out.print("\n");
    }
}

#[cfg(test)]
mod tests {
    fn colored(text: &str) -> String {
        let mut out = Vec::new();
        super::push_line(&mut out, text.as_bytes(), true);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_have_the_colours_of_the_real_client() {
        assert_eq!(
            colored("* Stopped at 1, stop reason = step over"),
            "\x1b[0;37;49m* Stopped at 1, stop reason = step over\x1b[0m"
        );
        assert_eq!(colored("-> 1   return 1"), "\x1b[0;33;49m-> 1   return 1\x1b[0m");
        assert_eq!(colored("->#4   x()"), "\x1b[0;33;49m->#4   x()\x1b[0m");
        assert_eq!(colored("  #4   x()"), "\x1b[1;37;49m  #4   x()\x1b[0m");
        assert_eq!(colored("<retval> 2"), "\x1b[0;35;49m<retval> 2\x1b[0m");
    }

    #[test]
    fn code_is_one_word() {
        assert_eq!(super::split(b"e 1 + \"a\""), Some(vec![b"e".to_vec(), b"1 + \"a\"".to_vec()]));
        assert_eq!(super::split(b"eval  x"), Some(vec![b"eval".to_vec(), b" x".to_vec()]));
        assert_eq!(super::split(b"b 4"), Some(vec![b"b".to_vec(), b"4".to_vec()]));
    }
}
