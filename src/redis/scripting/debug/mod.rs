//! The debugger of scripts that EVAL runs: SCRIPT DEBUG.
//!
//! A client that asked for it talks to the debugger instead of the server while its script stands still: at the first
//! line, at breakpoints, after each line that it steps over. With SCRIPT DEBUG SYNC the server waits, as the real one
//! does; with SCRIPT DEBUG YES the script runs in a copy of the server (see [`fork`]) and changes nothing.
//!
//! Facts: what redis-server 8.6.3 answers. What differs: code given to `eval` ends after a number of instructions, and
//! a copy is refused where the data is too large for one.

mod commands;
pub mod fork;
mod show;

use super::convert::error_table;
use crate::server::{Res, Server};
use lua::{Failure, Lua, Position, Value};

/// The source of scripts.
const SCRIPT: &[u8] = b"@user_script";
/// Breakpoints at most.
const MAX_BREAKPOINTS: usize = 64;
/// Bytes of a value or a reply that are shown, if nothing else is asked for.
const MAX_LEN: usize = 256;
/// Bytes of a command of the debugger at most.
const MAX_COMMAND: usize = 1 << 20;

/// How a client's scripts are debugged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In a copy of the server.
    Forked,
    /// While the server waits.
    Sync,
}

/// A script that is being debugged.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)]
pub struct Session {
    /// The client.
    pub client: u64,
    /// It stands still, for the client to say what to do.
    pub waiting: bool,
    /// The client is there.
    attached: bool,
    /// It stops at the next line.
    step: bool,
    /// It stops at the next line, since the script asked for it.
    asked: bool,
    /// Lines where it stops.
    breakpoints: Vec<i64>,
    /// The script's lines.
    source: Vec<Vec<u8>>,
    /// The line it is at.
    line: i64,
    /// The instruction that ran last.
    before: Option<Position>,
    /// It stood still at the next instruction already.
    stood: bool,
    /// Lines for the client.
    log: Vec<Vec<u8>>,
    /// Bytes of the client's command.
    input: Vec<u8>,
    /// Bytes of a value that are shown; 0 for all.
    max_len: usize,
    /// The client knows of that limit.
    hinted: bool,
    /// An error that ends the script.
    raise: Option<&'static str>,
    /// When it last went on, in microseconds of the monotonic clock.
    since: i64,
}

impl Session {
    fn new(client: u64, script: &[u8], now: i64) -> Session {
        let end = script.iter().rposition(|c| !matches!(c, b'\n' | b'\r')).map_or(0, |n| n + 1);
        Session {
            client,
            waiting: false,
            attached: true,
            step: true,
            asked: false,
            breakpoints: Vec::new(),
            source: script[..end].split(|c| *c == b'\n').map(<[u8]>::to_vec).collect(),
            line: 0,
            before: None,
            stood: false,
            log: Vec::new(),
            input: Vec::new(),
            max_len: MAX_LEN,
            hinted: false,
            raise: None,
            since: now,
        }
    }

    /// A line for the client.
    fn say(&mut self, text: impl Into<Vec<u8>>) {
        self.log.push(text.into());
    }

    /// A line that may be too long.
    fn say_trimmed(&mut self, mut text: Vec<u8>) {
        let trimmed = self.max_len > 0 && text.len() > self.max_len;
        if trimmed {
            text.truncate(self.max_len);
            text.extend_from_slice(b" ...");
        }
        self.say(text);
        if trimmed && !std::mem::replace(&mut self.hinted, true) {
            self.say("<hint> The above reply was trimmed. Use 'maxlen 0' to disable trimming.");
        }
    }

    /// How much of a value is worth writing.
    fn worth(&self) -> usize {
        if self.max_len == 0 { show::MOST } else { self.max_len + 1 }
    }

    fn say_value(&mut self, prefix: &[u8], lua: &Lua, value: Value) {
        let mut text = prefix.to_vec();
        let most = text.len() + self.worth();
        show::push_value(&mut text, lua, value, most);
        self.say_trimmed(text);
    }

    fn say_source(&mut self, line: i64) {
        let at = usize::try_from(line - 1).ok();
        let text = at.and_then(|at| self.source.get(at)).map_or(&b"<out of range source code line>"[..], |l| l);
        let mark = match (self.line == line, self.breakpoints.contains(&line)) {
            (true, true) => "->#",
            (true, false) => "-> ",
            (false, true) => "  #",
            (false, false) => "   ",
        };
        let text = [format!("{mark}{line:<3} ").as_bytes(), text].concat();
        self.say(text);
    }

    /// Lines of the script around one, all where that is 0.
    fn say_around(&mut self, around: i64, context: i64) {
        for line in 1..=self.source.len() as i64 {
            if around == 0 || (around - line).abs() <= context {
                self.say_source(line);
            }
        }
    }

    /// What the client is sent: an array of simple strings.
    fn take_log(&mut self) -> Vec<u8> {
        let mut out = format!("*{}\r\n", self.log.len()).into_bytes();
        for mut line in self.log.drain(..) {
            line.iter_mut().filter(|c| matches!(c, b'\r' | b'\n')).for_each(|c| *c = b' ');
            out.push(b'+');
            out.append(&mut line);
            out.extend_from_slice(b"\r\n");
        }
        out
    }
}

impl Server {
    /// EVAL begins for a client that wants to debug.
    pub(crate) fn begin_debugging(&mut self, client: u64, script: &[u8]) {
        if !self.scripting.is_copy {
            self.notice("Redis synchronous debugging eval session started");
        }
        let now = self.host.mono_us();
        self.scripting.debug = Some(Box::new(Session::new(client, script, now)));
    }

    /// The script ended, or did not begin.
    pub(crate) fn end_debugging(&mut self) {
        let Some(mut session) = self.scripting.debug.take() else { return };
        session.say("<endsession>");
        if session.attached {
            let log = session.take_log();
            self.send(session.client, &log);
            // That is how the client knows.
            self.client_mut(session.client).close_after_reply = true;
        }
        self.notice(if self.scripting.is_copy {
            "Lua debugging session child exiting"
        } else {
            "Redis synchronous debugging eval session ended"
        });
    }

    /// Whether a script stands still for its debugger.
    pub(crate) fn debugger_waits(&self) -> bool {
        self.scripting.debug.as_ref().is_some_and(|s| s.waiting)
    }

    /// Whether a client talks to the debugger.
    pub(crate) fn debugs(&self, client: u64) -> bool {
        self.scripting.debug.as_ref().is_some_and(|s| s.client == client)
    }

    fn tell_debugger(&mut self) {
        let Some(session) = &mut self.scripting.debug else { return };
        let (client, attached, log) = (session.client, session.attached, session.take_log());
        if attached {
            self.send(client, &log);
        }
    }

    /// Before an instruction: whether the script stands still here.
    pub(super) fn debug_stops(&mut self, lua: &Lua) -> bool {
        let Some(session) = &mut self.scripting.debug else { return false };
        if session.waiting {
            return true;
        }
        let Some(here) = lua.position(SCRIPT) else { return false };
        let before = session.before.replace(here);
        if std::mem::take(&mut session.stood) || !lua.begins_line(here, before) {
            return false;
        }
        session.line = i64::from(here.line);
        let breakpoint = session.breakpoints.contains(&session.line);
        let reason = match (session.asked, breakpoint, session.step) {
            (true, ..) => "redis.breakpoint() called",
            (_, true, _) => "break point",
            (_, _, true) => "step over",
            _ => return false,
        };
        self.debug_stop(reason);
        true
    }

    fn debug_stop(&mut self, reason: &str) {
        let Some(session) = &mut self.scripting.debug else { return };
        session.step = false;
        session.asked = false;
        session.stood = true;
        let line = session.line;
        session.say(format!("* Stopped at {line}, stop reason = {reason}"));
        session.say_source(line);
        session.waiting = true;
        self.tell_debugger();
    }

    /// A slice is over: a script that runs for too long between two stops stands still.
    pub(super) fn debug_timeout(&mut self, lua: &Lua) {
        let threshold = match self.config.int(crate::config::BUSY_REPLY_THRESHOLD) {
            0 => 5000,
            ms => ms,
        };
        let now = self.host.mono_us();
        let Some(session) = &mut self.scripting.debug else { return };
        let Some(here) = lua.position(SCRIPT) else { return };
        if session.waiting || session.step || session.asked || (now - session.since) / 1000 < threshold {
            return;
        }
        session.line = i64::from(here.line);
        if !session.attached {
            session.raise = Some("timeout during Lua debugging with client closing connection");
            return;
        }
        session.before = Some(here);
        self.debug_stop("timeout reached, infinite loop?");
    }

    /// Raises the error that the debugger wants, if it wants one.
    pub(super) fn debug_raises(&mut self, lua: &mut Lua) -> Result<(), Failure> {
        let Some(text) = self.scripting.debug.as_mut().and_then(|s| s.raise.take()) else { return Ok(()) };
        let error = error_table(lua, text.as_bytes(), false);
        lua.interrupt(error)
    }

    /// Bytes of the client that debugs.
    pub(crate) fn debug_received(&mut self, data: &[u8]) {
        let Some(session) = &mut self.scripting.debug else { return };
        session.input.extend_from_slice(data);
        self.debug_input();
    }

    /// Does what the client asks for, as long as the script stands still.
    fn debug_input(&mut self) {
        let Some(session) = self.scripting.debug.as_mut().filter(|s| s.waiting) else { return };
        match commands::parse(&session.input) {
            Ok(None) if session.input.len() <= MAX_COMMAND => return,
            Ok(None) => session.raise = Some("max client buffer reached"),
            Err(()) => session.raise = Some("protocol error"),
            Ok(Some(words)) => {
                session.input.clear();
                self.debug_command(&words);
            }
        }
        let now = self.host.mono_us();
        let Some(session) = &mut self.scripting.debug else { return };
        if session.raise.is_some() {
            session.input.clear();
            session.waiting = false;
        }
        if !session.waiting {
            session.since = now;
            self.script_tick();
        }
    }

    /// The client that debugs is gone: the script goes on alone.
    pub(crate) fn debug_detached(&mut self, client: u64) {
        let Some(session) = self.scripting.debug.as_mut().filter(|s| s.client == client) else { return };
        session.attached = false;
        session.waiting = false;
        session.step = false;
        session.breakpoints.clear();
    }

    /// `redis.breakpoint()`: whether there is a debugger to stop for.
    pub(super) fn debug_breakpoint(&mut self) -> bool {
        self.scripting.debug.as_mut().map(|s| s.asked = true).is_some()
    }

    /// `redis.debug()`
    pub(super) fn debug_print(&mut self, lua: &Lua, values: &[Value]) {
        let Some(session) = &mut self.scripting.debug else { return };
        let mut text = format!("<debug> line {}: ", session.line).into_bytes();
        for (n, value) in values.iter().enumerate() {
            if n > 0 {
                text.extend_from_slice(b", ");
            }
            show::push_value(&mut text, lua, *value, show::MOST);
        }
        session.say(text);
    }

    /// A command of the script is about to run.
    pub(super) fn debug_calls(&mut self, words: &[&[u8]]) {
        const SHOWN: usize = 10;
        let Some(session) = self.scripting.debug.as_mut().filter(|s| s.step) else { return };
        let mut text = b"<redis>".to_vec();
        for word in words.iter().take(SHOWN) {
            text.push(b' ');
            text.extend_from_slice(word);
        }
        if words.len() > SHOWN {
            text.extend_from_slice(format!(" ... ({} more)", words.len() - SHOWN - 1).as_bytes());
        }
        session.say(text);
    }

    /// What a command of the script replied, or why it did not run.
    pub(super) fn debug_replied(&mut self, reply: Result<&[u8], &[u8]>) {
        let Some(session) = self.scripting.debug.as_mut().filter(|s| s.step) else { return };
        let reply = match reply {
            Err(error) => {
                session.say([b"<error> ", error].concat());
                return;
            }
            Ok(reply) => reply,
        };
        if reply.first() == Some(&b'-') {
            let end = reply.iter().position(|c| *c == b'\r').unwrap_or(reply.len());
            session.say([b"<error> ", &reply[..end]].concat());
        }
        let mut text = b"<reply> ".to_vec();
        show::push_reply(&mut text, reply);
        session.say_trimmed(text);
    }
}

/// SCRIPT DEBUG: how scripts of a client run from now on.
pub fn set_mode(cx: &mut crate::server::Cx<'_>) -> Res {
    if !cx.out.buf.is_empty() {
        return Err("ERR SCRIPT DEBUG must be called outside a pipeline".into());
    }
    cx.me().debug = match cx.arg(2).to_ascii_lowercase().as_slice() {
        b"no" => None,
        b"yes" => Some(Mode::Forked),
        b"sync" => Some(Mode::Sync),
        _ => return Err("ERR Use SCRIPT DEBUG YES/SYNC/NO".into()),
    };
    cx.out.ok();
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::testing::Bench;

    /// What a client that debugs is sent after each of these.
    fn session(bench: &mut Bench, mode: &str, script: &str, commands: &[&str]) -> Vec<String> {
        let conn = bench.connect();
        let mut told = vec![bench.ask(conn, &["SCRIPT", "DEBUG", mode])];
        told.push(bench.ask(conn, &["EVAL", script, "1", "k"]));
        for command in commands {
            let words: Vec<&str> = command.split(' ').collect();
            told.push(bench.ask(conn, &words));
        }
        told
    }

    #[test]
    fn a_script_stops_at_its_lines_and_keeps_what_it_did() {
        let mut bench = Bench::start("");
        let script = "local a = 5\nredis.call('set', KEYS[1], a)\nreturn a";
        let told = session(&mut bench, "sync", script, &["s", "p", "b 3", "e 1+1", "r ping", "c", "c"]);
        let wanted = [
            "+OK\r\n",
            "*2\r\n+* Stopped at 1, stop reason = step over\r\n+-> 1   local a = 5\r\n",
            "*2\r\n+* Stopped at 2, stop reason = step over\r\n+-> 2   redis.call('set', KEYS[1], a)\r\n",
            "*1\r\n+<value> a = 5\r\n",
            "*2\r\n+-> 2   redis.call('set', KEYS[1], a)\r\n+  #3   return a\r\n",
            "*1\r\n+<retval> 2\r\n",
            "*2\r\n+<redis> ping\r\n+<reply> \"+PONG\"\r\n",
            "*2\r\n+* Stopped at 3, stop reason = break point\r\n+->#3   return a\r\n",
            "*1\r\n+<endsession>\r\n:5\r\n",
        ];
        assert_eq!(told, wanted);
        assert_eq!(bench.run("GET k"), "5");
    }

    #[test]
    fn a_forked_session_changes_nothing_and_lets_others_work() {
        let mut bench = Bench::start("");
        bench.run("SET k before");
        let script = "local old = redis.call('get', KEYS[1])\nredis.call('set', KEYS[1], 'after')\nreturn old";
        let conn = bench.connect();
        bench.ask(conn, &["SCRIPT", "DEBUG", "yes"]);
        assert!(bench.ask(conn, &["EVAL", script, "1", "k"]).starts_with("*2\r\n+* Stopped at 1"));
        assert_eq!(bench.run("SET other 1"), "OK");
        assert!(bench.ask(conn, &["s"]).contains("+<reply> \"before\"\r\n"));
        assert!(bench.ask(conn, &["s"]).contains("+<redis> set k after\r\n"));
        assert_eq!(bench.ask(conn, &["c"]), "*1\r\n+<endsession>\r\n$6\r\nbefore\r\n");
        assert_eq!(bench.run("GET k"), "before");
    }

    #[test]
    fn aborting_ends_the_script_with_an_error() {
        let mut bench = Bench::start("");
        let told = session(&mut bench, "sync", "return 1", &["a"]);
        let sha = super::super::sha1_hex(b"return 1");
        let error = format!("-ERR script aborted for user request script: {sha}, on @user_script:1.\r\n");
        assert_eq!(told[2], format!("*1\r\n+<endsession>\r\n{error}"));
    }
}
