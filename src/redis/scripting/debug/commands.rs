//! The commands that the debugger takes.

use super::{MAX_BREAKPOINTS, SCRIPT, Session};
use crate::server::Server;
use crate::server::number::atoi;
use lua::{Lua, Outcome, Value};

/// Instructions of a piece of code that the client gives.
const EVAL_BUDGET: i64 = 20_000_000;

const HELP: [&str; 29] = [
    "Redis Lua debugger help:",
    "[h]elp               Show this help.",
    "[s]tep               Run current line and stop again.",
    "[n]ext               Alias for step.",
    "[c]ontinue           Run till next breakpoint.",
    "[l]ist               List source code around current line.",
    "[l]ist [line]        List source code around [line].",
    "                     line = 0 means: current position.",
    "[l]ist [line] [ctx]  In this form [ctx] specifies how many lines",
    "                     to show before/after [line].",
    "[w]hole              List all source code. Alias for 'list 1 1000000'.",
    "[p]rint              Show all the local variables.",
    "[p]rint <var>        Show the value of the specified variable.",
    "                     Can also show global vars KEYS and ARGV.",
    "[b]reak              Show all breakpoints.",
    "[b]reak <line>       Add a breakpoint to the specified line.",
    "[b]reak -<line>      Remove breakpoint from the specified line.",
    "[b]reak 0            Remove all breakpoints.",
    "[t]race              Show a backtrace.",
    "[e]val <code>        Execute some Lua code (in a different callframe).",
    "[r]edis <cmd>        Execute a Redis command.",
    "[m]axlen [len]       Trim logged Redis replies and Lua var dumps to len.",
    "                     Specifying zero as <len> means unlimited.",
    "[a]bort              Stop the execution of the script. In sync",
    "                     mode dataset changes will be retained.",
    "",
    "Debugger functions you can call from Lua scripts:",
    "redis.debug()        Produce logs in the debugger console.",
    "redis.breakpoint()   Stop execution like if there was a breakpoint in the",
];

/// The last line of the help.
const HELP_END: &str = "                     next line of code.";

/// A command's words, once they are whole. The debugger reads requests by rules of its own: anything before the first
/// `*` is skipped, and words are never empty.
pub fn parse(input: &[u8]) -> Result<Option<Vec<Vec<u8>>>, ()> {
    const MOST: i64 = 1024;
    if input.is_empty() {
        return Ok(None);
    }
    let start = input.iter().position(|c| *c == b'*').ok_or(())?;
    let mut rest = &input[start..];
    let Some(count) = number(&mut rest) else { return Ok(None) };
    if !(1..=MOST).contains(&count) {
        return Err(());
    }
    let mut words = Vec::new();
    for _ in 0..count {
        match rest.first() {
            None => return Ok(None),
            Some(b'$') => {}
            Some(_) => return Err(()),
        }
        let Some(len) = number(&mut rest) else { return Ok(None) };
        if !(1..=MOST).contains(&len) {
            return Err(());
        }
        let len = len as usize;
        let Some(word) = rest.get(..len + 2) else { return Ok(None) };
        if !word.ends_with(b"\r\n") {
            return Err(());
        }
        words.push(word[..len].to_vec());
        rest = &rest[len + 2..];
    }
    Ok(Some(words))
}

/// The number behind the first byte of a line; the rest begins with the next line. `None`: not whole.
fn number(rest: &mut &[u8]) -> Option<i64> {
    let end = rest.windows(2).position(|w| w == b"\r\n")?;
    let value = atoi(rest.get(1..end)?);
    *rest = &rest[end + 2..];
    Some(value)
}

impl Server {
    /// Runs a command of the debugger.
    pub(super) fn debug_command(&mut self, words: &[Vec<u8>]) {
        let (Some(first), Some(mut session)) = (words.first(), self.scripting.debug.take()) else { return };
        let Some(mut engine) = self.scripting.eval.take() else {
            self.scripting.debug = Some(session);
            return;
        };
        let lua = &mut engine.lua;
        let mut told = true;
        match first.to_ascii_lowercase().as_slice() {
            b"h" | b"help" => HELP.iter().chain([&HELP_END]).for_each(|line| session.say(*line)),
            b"s" | b"step" | b"n" | b"next" => {
                session.step = true;
                session.waiting = false;
            }
            b"c" | b"continue" => session.waiting = false,
            b"t" | b"trace" => session.trace(lua),
            b"m" | b"maxlen" => session.limit(words),
            b"b" | b"break" => session.breaks(words),
            b"a" | b"abort" => session.raise = Some("script aborted for user request"),
            b"p" | b"print" if words.len() == 2 => session.print(lua, &words[1]),
            b"p" | b"print" => session.print_all(lua),
            b"l" | b"list" => session.list(words),
            b"w" | b"whole" => session.say_around(1, 1_000_000),
            b"e" | b"eval" | b"r" | b"redis" => told = false,
            _ => session.say("<error> Unknown Redis Lua debugger command or wrong number of arguments."),
        }
        self.scripting.debug = Some(session);
        if !told {
            match first.first() {
                Some(b'e' | b'E') => self.debug_eval(lua, &words[1..]),
                _ if words.len() > 1 => self.debug_redis(&words[1..]),
                _ => {
                    if let Some(session) = &mut self.scripting.debug {
                        session.say("<error> Unknown Redis Lua debugger command or wrong number of arguments.");
                    }
                }
            }
        }
        self.scripting.eval = Some(engine);
        if self.scripting.debug.as_ref().is_some_and(|s| s.waiting && s.raise.is_none()) {
            self.tell_debugger();
        }
    }

    /// `redis`: a command of the server, as the script would call it.
    fn debug_redis(&mut self, words: &[Vec<u8>]) {
        let argv: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
        if let Some(session) = &mut self.scripting.debug {
            session.step = true;
        }
        let _ = self.debugged_call(&argv);
        if let Some(session) = &mut self.scripting.debug {
            session.step = false;
        }
    }

    /// `eval`: a piece of Lua, which sees no variables of the script but the globals.
    fn debug_eval(&mut self, lua: &mut Lua, words: &[Vec<u8>]) {
        let code = words.join(&b' ');
        let aside = lua.set_aside();
        let result = self.eval_aside(lua, &code);
        if let Some(session) = &mut self.scripting.debug {
            match result {
                Ok(value) => session.say_value(b"<retval> ", lua, value),
                Err(error) => session.say([b"<error> ", &error[..]].concat()),
            }
        }
        lua.bring_back(aside);
    }

    fn eval_aside(&mut self, lua: &mut Lua, code: &[u8]) -> Result<Value, Vec<u8>> {
        const NAME: &[u8] = b"@ldb_eval";
        let expression = [b"return ", code].concat();
        let function = match lua.load(&expression, NAME) {
            Ok(function) => function,
            Err(_) => lua.load(code, NAME)?,
        };
        lua.start(function, &[]);
        let mut left = EVAL_BUDGET;
        loop {
            let failure = match lua.run(left) {
                Outcome::Done(values) => return Ok(values.first().copied().unwrap_or_default()),
                Outcome::Suspended => return Err(b"drydock: the code runs for too long".to_vec()),
                Outcome::Failed(failure) => Some(failure),
                Outcome::Host { id } => {
                    left = lua.left() - 1;
                    self.answer_script(lua, id).err()
                }
            };
            if let Some(failure) = failure {
                let text = lua.text_of(failure.value);
                return Err(text.unwrap_or_else(|| b"(error object is not a string)".to_vec()));
            }
        }
    }
}

impl Session {
    fn trace(&mut self, lua: &Lua) {
        for (level, call) in lua.active().into_iter().enumerate().filter(|(_, call)| call.source == SCRIPT) {
            let way = if level == 0 { "In" } else { "From" };
            let name = call.name.unwrap_or_else(|| b"top level".to_vec());
            self.say([way.as_bytes(), b" ", &name, b":"].concat());
            self.say_source(i64::from(call.line));
        }
    }

    fn limit(&mut self, words: &[Vec<u8>]) {
        const LEAST: i64 = 60;
        if let [_, len] = words {
            self.hinted = true;
            self.max_len = match atoi(len) {
                0 => 0,
                n => n.max(LEAST) as usize,
            };
        }
        let text = match self.max_len {
            0 => "<value> replies are unlimited.".to_owned(),
            n => format!("<value> replies are truncated at {n} bytes."),
        };
        self.say(text);
    }

    fn print(&mut self, lua: &mut Lua, name: &[u8]) {
        let local = lua.locals().find_map(|all| all.iter().find(|(n, _)| *n == name).map(|(_, value)| *value));
        let value = match (local, name) {
            (Some(value), _) => Some(value),
            (None, b"KEYS" | b"ARGV") => {
                let name = if name == b"KEYS" { "KEYS" } else { "ARGV" };
                Some(lua.get_field(lua.globals(), name))
            }
            _ => None,
        };
        match value {
            Some(value) => self.say_value(b"<value> ", lua, value),
            None => self.say("No such variable."),
        }
    }

    fn print_all(&mut self, lua: &Lua) {
        let all = lua.locals().next().unwrap_or_default();
        for (name, value) in &all {
            self.say_value(&[b"<value> ", *name, b" = "].concat(), lua, *value);
        }
        if all.is_empty() {
            self.say("No local variables in the current context.");
        }
    }

    fn list(&mut self, words: &[Vec<u8>]) {
        let wanted = words.get(1).map_or(0, |word| atoi(word));
        let around = if wanted > 0 { wanted } else { self.line };
        let context = words.get(2).map_or(5, |word| atoi(word));
        self.say_around(around, context);
    }

    fn breaks(&mut self, words: &[Vec<u8>]) {
        if words.len() == 1 {
            if self.breakpoints.is_empty() {
                self.say("No breakpoints set. Use 'b <line>' to add one.");
                return;
            }
            self.say(format!("{} breakpoints set:", self.breakpoints.len()));
            self.breakpoints.clone().into_iter().for_each(|line| self.say_source(line));
        }
        for word in words.get(1..).unwrap_or_default() {
            match resp::parse_i64(word) {
                None => self.say([b"Invalid argument:'", &word[..], b"'"].concat()),
                Some(0) => {
                    self.breakpoints.clear();
                    self.say("All breakpoints removed.");
                }
                Some(line) if line > 0 => self.add_breakpoint(line),
                Some(line) => match self.breakpoints.iter().position(|b| *b == line.saturating_neg()) {
                    Some(at) => {
                        self.breakpoints.remove(at);
                        self.say("Breakpoint removed.");
                    }
                    None => self.say("No breakpoint in the specified line."),
                },
            }
        }
    }

    fn add_breakpoint(&mut self, line: i64) {
        if self.breakpoints.len() == MAX_BREAKPOINTS {
            self.say("Too many breakpoints set.");
        } else if line <= self.source.len() as i64 && !self.breakpoints.contains(&line) {
            self.breakpoints.push(line);
            self.say_around(line, 1);
        } else {
            self.say("Wrong line number.");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn commands_are_read_by_the_debuggers_own_rules() {
        assert_eq!(parse(b"*1\r\n$1\r\ns\r\n"), Ok(Some(vec![b"s".to_vec()])));
        assert_eq!(parse(b"*2\r\n$1\r\nb\r\n$1\r\n"), Ok(None));
        assert_eq!(parse(b"GET x\r\n"), Err(()));
        assert_eq!(parse(b"*1\r\n$0\r\n\r\n"), Err(()));
        assert_eq!(parse(b"*1\r\n$1\r\nabc"), Err(()));
    }
}
