//! The functions of `redis` that scripts call.

use super::convert::{error_table, reply_to_lua};
use super::engine::Api;
use crate::acl::Context;
use crate::commands::{Command, flag};
use crate::config;
use crate::server::{Level, Server};
use lua::{Lua, Value};

type Answer = Result<Vec<Value>, Value>;

/// An error that the statistics do not have yet, thrown.
fn throw(lua: &mut Lua, text: &str) -> Answer {
    Err(error_table(lua, text.as_bytes(), false))
}

/// The largest room for words and replies that is kept from one call to the next.
const KEPT: usize = 16 << 10;

/// A command's words, one behind the other.
#[derive(Debug, Default)]
pub struct Words {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Words {
    /// Reads the words that a script gives. `Err` says why they are none.
    fn read(&mut self, lua: &Lua, args: &[Value]) -> Result<(), &'static [u8]> {
        self.text.clear();
        self.ends.clear();
        if args.is_empty() {
            return Err(b"Please specify at least one argument for this redis lib call");
        }
        for arg in args {
            match (*arg, lua.bytes(*arg)) {
                (Value::Num(n), _) => push_number(&mut self.text, n),
                (_, Some(text)) => self.text.extend_from_slice(text),
                _ => return Err(b"Lua redis lib command arguments must be strings or integers"),
            }
            self.ends.push(self.text.len());
        }
        Ok(())
    }

    /// The words, each on its own.
    fn each(&self) -> impl Iterator<Item = &[u8]> {
        let mut from = 0;
        self.ends.iter().map(move |end| self.text.get(std::mem::replace(&mut from, *end)..*end).unwrap_or_default())
    }

    /// Does something with the words.
    fn with<R>(&self, run: impl FnOnce(&[&[u8]]) -> R) -> R {
        const FEW: usize = 8;
        if self.ends.len() > FEW {
            return run(&self.each().collect::<Vec<_>>());
        }
        let mut few = [b"".as_slice(); FEW];
        few.iter_mut().zip(self.each()).for_each(|(place, word)| *place = word);
        run(&few[..self.ends.len()])
    }
}

/// A number as a command gets it: whole where it is whole.
fn push_number(out: &mut Vec<u8>, n: f64) {
    let limit = 4_503_599_627_370_496.0;
    if n == n.trunc() && (-limit..limit).contains(&n) {
        resp::push_i64(out, n as i64);
    } else {
        out.extend_from_slice(resp::format_double(n).as_bytes());
    }
}

impl Server {
    /// Answers a call of one of them, whose arguments the interpreter has.
    pub(super) fn answer_script(&mut self, lua: &mut Lua, id: u32) -> Result<(), lua::Failure> {
        if let Some(api @ (Api::Call | Api::PCall)) = Api::of(id) {
            let mut words = std::mem::take(&mut self.scripting.words);
            let read = words.read(lua, lua.host_args());
            let result = self.script_command(lua, read.map(|()| &words), api == Api::Call);
            if words.text.capacity() <= KEPT {
                self.scripting.words = words;
            }
            return match result {
                Ok(value) => lua.answer(Ok(&[value])),
                Err(error) => lua.answer(Err(error)),
            };
        }
        let args = lua.host_args().to_vec();
        match self.script_api(lua, id, &args) {
            Ok(values) => lua.answer(Ok(&values)),
            Err(error) => lua.answer(Err(error)),
        }
    }

    /// Answers a call of one of them.
    pub(super) fn script_api(&mut self, lua: &mut Lua, id: u32, args: &[Value]) -> Answer {
        match Api::of(id) {
            Some(api @ (Api::Call | Api::PCall)) => {
                let mut words = Words::default();
                let read = words.read(lua, args);
                self.script_command(lua, read.map(|()| &words), api == Api::Call).map(|value| vec![value])
            }
            Some(Api::Log) => self.script_log(lua, args),
            Some(Api::SetResp) => self.script_setresp(lua, args),
            Some(Api::Sha1Hex) => match args {
                [value] => {
                    let text = lua.text_of(*value).unwrap_or_default();
                    Ok(vec![lua.string(super::sha1_hex(&text).as_bytes())])
                }
                _ => throw(lua, "wrong number of arguments"),
            },
            Some(Api::ErrorReply) => Ok(vec![error_reply(lua, args)]),
            Some(Api::StatusReply) => Ok(vec![status_reply(lua, args)]),
            Some(Api::SetRepl) => self.script_set_repl(lua, args),
            Some(Api::AclCheckCmd) => self.script_acl_check(lua, args),
            Some(Api::ReplicateCommands) => Ok(vec![Value::Bool(true)]),
            Some(Api::Breakpoint) => Ok(vec![Value::Bool(self.debug_breakpoint())]),
            Some(Api::RegisterFunction) => {
                throw(lua, "redis.register_function can only be called on FUNCTION LOAD command")
            }
            Some(Api::Debug) => {
                self.debug_print(lua, args);
                Ok(Vec::new())
            }
            None => Ok(Vec::new()),
        }
    }

    fn script_log(&mut self, lua: &mut Lua, args: &[Value]) -> Answer {
        if args.len() < 2 {
            return throw(lua, "redis.log() requires two arguments or more.");
        }
        let Some(level) = lua.number(args[0]) else {
            return throw(lua, "First argument must be a number (log level).");
        };
        let level = match level as i64 {
            0 => Level::Debug,
            1 => Level::Verbose,
            2 => Level::Notice,
            3 => Level::Warning,
            _ => return throw(lua, "Invalid log level."),
        };
        let texts: Vec<Vec<u8>> = args[1..].iter().filter_map(|a| lua.text_of(*a)).collect();
        let text = texts.join(&b' ');
        self.log(level, &String::from_utf8_lossy(&text));
        Ok(Vec::new())
    }

    fn script_setresp(&mut self, lua: &mut Lua, args: &[Value]) -> Answer {
        if args.len() != 1 {
            return throw(lua, "redis.setresp() requires one argument.");
        }
        let version = lua.number(args[0]).unwrap_or(0.0) as i64;
        if version != 2 && version != 3 {
            return throw(lua, "RESP version must be 2 or 3.");
        }
        if let Some(run) = &mut self.scripting.run {
            run.resp3 = version == 3;
        }
        Ok(Vec::new())
    }

    fn script_set_repl(&mut self, lua: &mut Lua, args: &[Value]) -> Answer {
        if args.len() != 1 {
            return throw(lua, "redis.set_repl() requires one argument.");
        }
        let flags = lua.number(args[0]).unwrap_or(0.0) as i64;
        if flags & !3 != 0 {
            return throw(lua, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
        }
        if let Some(run) = &mut self.scripting.run {
            run.targets = flags as u8;
        }
        Ok(Vec::new())
    }

    fn script_acl_check(&mut self, lua: &mut Lua, args: &[Value]) -> Answer {
        let mut words = Words::default();
        if let Err(text) = words.read(lua, args) {
            return Err(error_table(lua, text, false));
        }
        let argv: Vec<&[u8]> = words.each().collect();
        let Ok(command) = self.find_command(&argv) else {
            return throw(lua, "Invalid command passed to redis.acl_check_cmd()");
        };
        if !command.takes(argv.len()) {
            return throw(lua, "Wrong number of args for redis.acl_check_cmd()");
        }
        let client = self.scripting.run.as_ref().map_or(0, |r| r.client);
        let allowed = self.acl.permits(&self.client(client).user, command, &argv).is_ok();
        Ok(vec![Value::Bool(allowed)])
    }

    /// `redis.call` and `redis.pcall`.
    fn script_command(&mut self, lua: &mut Lua, words: Result<&Words, &[u8]>, raise: bool) -> Result<Value, Value> {
        let error = match words.map(|words| words.with(|argv| self.debugged_call(argv))) {
            Err(text) => error_table(lua, text, false),
            Ok(Err(text)) => error_table(lua, &text, true),
            Ok(Ok(mut reply)) => {
                let value = reply_to_lua(lua, &reply);
                let failed = reply.first() == Some(&b'-');
                if reply.capacity() <= KEPT {
                    reply.clear();
                    self.scripting.reply = reply;
                }
                if !failed {
                    return Ok(value);
                }
                value
            }
        };
        if raise { Err(error) } else { Ok(error) }
    }

    /// Runs a command for the script, with a debugger looking on if there is one.
    pub(super) fn debugged_call(&mut self, argv: &[&[u8]]) -> Result<Vec<u8>, Vec<u8>> {
        if self.scripting.debug.is_none() {
            return self.script_call(argv);
        }
        self.debug_calls(argv);
        let result = self.script_call(argv);
        self.debug_replied(result.as_deref().map_err(Vec::as_slice));
        result
    }

    /// Runs a command for the script. `Err` holds why it must not run.
    fn script_call(&mut self, argv: &[&[u8]]) -> Result<Vec<u8>, Vec<u8>> {
        let found = self.find_command(argv);
        let command = found.ok();
        if let Err(text) = self.script_may(command, argv) {
            let counted =
                if text.first() == Some(&b'-') { text[1..].to_vec() } else { [b"ERR ", text.as_slice()].concat() };
            self.count_error(&counted);
            if let Some(command) = command {
                self.stats.rejected(command.name);
            }
            return Err(text);
        }
        let (Some(command), Some(run)) = (command, &self.scripting.run) else { return Err(Vec::new()) };
        let (id, db, targets, resp3) = (run.client, run.db, run.targets, run.resp3);
        let mut reply = resp::Reply::new(resp3);
        reply.buf = std::mem::take(&mut self.scripting.reply);
        let own = std::mem::replace(&mut self.client_mut(id).db, db);
        let all = std::mem::replace(&mut self.targets, targets);
        self.scripting.in_call = true;
        self.call(id, command, argv, &mut reply, true);
        self.scripting.in_call = false;
        self.targets = all;
        let db = std::mem::replace(&mut self.client_mut(id).db, own);
        if let Some(run) = &mut self.scripting.run {
            run.db = db;
        }
        Ok(reply.buf)
    }

    /// Whether the script may run a command. `Err` says why not.
    fn script_may(&mut self, command: Option<&'static Command>, argv: &[&[u8]]) -> Result<(), Vec<u8>> {
        let Some(command) = command else { return Err(b"Unknown Redis command called from script".to_vec()) };
        if !command.takes(argv.len()) {
            return Err(b"Wrong number of args calling Redis command from script".to_vec());
        }
        if command.has(flag::NOSCRIPT) && !self.debug.scripts_may_all {
            return Err(b"This Redis command is not allowed from script".to_vec());
        }
        if self.is_stale() && !command.has(flag::STALE) {
            return Err(b"Can not execute the command on a stale replica".to_vec());
        }
        let Some(run) = &self.scripting.run else { return Err(b"no script runs".to_vec()) };
        let (id, dirty, read_only, allow_oom, oom) = (run.client, run.dirty, run.read_only, run.allow_oom, run.oom);
        if let Err(denial) = self.acl_check_in(id, command, argv, Context::Lua) {
            let text = denial.text(&self.client(id).user, command, None);
            return Err([b"ACL failure in script: ".as_slice(), &text].concat());
        }
        if read_only && (command.has(flag::WRITE) || command.has(flag::MAY_REPLICATE)) {
            return Err(b"Write commands are not allowed from read-only scripts.".to_vec());
        }
        let obeyed = self.obeys(id);
        if command.has(flag::WRITE) && !dirty {
            self.script_may_write(obeyed)?;
        }
        if oom && !allow_oom && !dirty && !obeyed && command.has(flag::DENYOOM) {
            return Err(b"-OOM command not allowed when used memory > 'maxmemory'.".to_vec());
        }
        if command.has(flag::WRITE)
            && let Some(run) = &mut self.scripting.run
        {
            run.dirty = true;
        }
        if self.hot.compatibility > 0
            && let Some(run) = &mut self.scripting.run
            && !run.watched.follow(command, argv, run.allow_cross_slot)
        {
            self.count_incompatible();
        }
        if self.hot.cluster && !obeyed { self.script_slot(id, command, argv) } else { Ok(()) }
    }

    fn script_may_write(&self, obeyed: bool) -> Result<(), Vec<u8>> {
        if self.repl.is_replica() && self.config.bool(config::REPLICA_READ_ONLY) && !obeyed {
            return Err(b"-READONLY You can't write against a read only replica.".to_vec());
        }
        if self.cannot_persist() {
            return Err(b"-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.".to_vec());
        }
        if self.lacks_replicas() {
            return Err(b"-NOREPLICAS Not enough good replicas to write.".to_vec());
        }
        Ok(())
    }

    /// The slot of a command's keys, if it has any.
    pub(super) fn slot_of_keys(&self, command: &Command, argv: &[&[u8]]) -> Option<usize> {
        if !self.hot.cluster {
            return None;
        }
        let places = crate::commands::key_specs::of(command, argv)?;
        places.first().map(|place| crate::keyspace::slots::slot_of(argv[place.at]))
    }

    /// Whether a command's keys are served here, in the slot that the script uses.
    fn script_slot(&mut self, id: u64, command: &'static Command, argv: &[&[u8]]) -> Result<(), Vec<u8>> {
        if let Some(refusal) = self.cluster_redirect(id, command, argv) {
            let name = command.name;
            let text = match refusal.split(' ').next().unwrap_or_default() {
                "CROSSSLOT" => {
                    format!("Command '{name}' in script attempted to access keys that don't hash to the same slot")
                }
                "TRYAGAIN" => format!(
                    "Unable to execute command '{name}' in script because undeclared keys were accessed during rehashing of the slot"
                ),
                "CLUSTERDOWN" if refusal.ends_with("read commands") => {
                    "Script attempted to execute a write command while the cluster is down and readonly".into()
                }
                "CLUSTERDOWN" if refusal.ends_with("not served") => {
                    "Script attempted to access a slot not served".into()
                }
                "CLUSTERDOWN" => "Script attempted to execute a command while the cluster is down".into(),
                _ => "Script attempted to access a non local key in a cluster node".to_owned(),
            };
            return Err(text.into_bytes());
        }
        let slot = self.slot_of_keys(command, argv);
        if self.scripting.run.as_ref().is_some_and(|run| run.allow_cross_slot) {
            self.forget_slot();
        }
        let Some(run) = &mut self.scripting.run else { return Ok(()) };
        match (slot, run.slot) {
            (Some(_), _) if run.allow_cross_slot => {}
            (Some(slot), None) => run.slot = Some(slot),
            (Some(slot), Some(first)) if slot != first => {
                return Err(b"Script attempted to access keys that do not hash to the same slot".to_vec());
            }
            _ => {}
        }
        Ok(())
    }
}

fn error_reply(lua: &mut Lua, args: &[Value]) -> Value {
    match (args, args.first().and_then(|a| lua.bytes(*a)).map(<[u8]>::to_vec)) {
        ([_], Some(text)) => {
            let text = if text.first() == Some(&b'-') { text } else { [b"-", text.as_slice()].concat() };
            error_table(lua, &text, false)
        }
        _ => error_table(lua, b"wrong number or type of arguments", false),
    }
}

fn status_reply(lua: &mut Lua, args: &[Value]) -> Value {
    match args {
        [value @ Value::Str(_)] => {
            let table = lua.table(0, 1);
            lua.set_field(table, "ok", *value);
            Value::Table(table)
        }
        _ => error_table(lua, b"wrong number or type of arguments", false),
    }
}
