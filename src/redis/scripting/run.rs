//! A script that runs.

use super::convert;
use super::script_flag as sf;
use crate::cluster::compatibility::Watched;
use crate::config;
use crate::server::client::Role;
use crate::server::{Cx, Fail, Res, Server};
use lua::{Failure, Lua, Outcome, Value};
use resp::Reply;

/// Instructions that a script may run at once, before others are looked at.
const FIRST_SLICE: i64 = 200_000;
/// Instructions of every slice after.
const SLICE: i64 = 200_000;
/// What a call of a command counts as.
const CALL_COST: i64 = 200;

/// A script that runs.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)]
pub struct Run {
    /// Who called it.
    pub client: u64,
    /// Its SHA, or the function's name.
    pub name: String,
    /// With EVAL, not FCALL.
    pub eval: bool,
    /// It must not write.
    pub read_only: bool,
    /// It may use memory that is not there.
    pub allow_oom: bool,
    /// It may use keys of several slots.
    pub allow_cross_slot: bool,
    /// It has written.
    pub dirty: bool,
    /// There was too little memory when it began.
    pub oom: bool,
    /// It runs for longer than `busy-reply-threshold`.
    pub timed_out: bool,
    /// Somebody ended it.
    pub killed: bool,
    /// The database it selected.
    pub db: usize,
    /// It asked for RESP3.
    pub resp3: bool,
    /// Where its changes go: 1 for the append only file, 2 for replicas.
    pub targets: u8,
    /// The slot of the keys it used, if that is watched.
    pub slot: Option<usize>,
    /// Where no cluster is: the slot of the keys so far, if anybody looks.
    pub(crate) watched: Watched,
    /// When it began: microseconds of the monotonic clock.
    pub since: i64,
    /// The same in microseconds since 1970: for the script no time passes.
    pub now_us: i64,
    /// The command.
    pub argv: Vec<Vec<u8>>,
}

/// What to run.
pub struct Request {
    /// Its SHA, or the function's name.
    pub name: String,
    /// What it says about itself.
    pub flags: u32,
    /// Where its function is kept.
    pub pin: usize,
    /// With EVAL, not FCALL.
    pub eval: bool,
    /// EVAL_RO and so on.
    pub read_only: bool,
}

impl Cx<'_> {
    /// The number of keys that EVAL and FCALL name.
    pub fn script_keys(&self, not_a_number: &'static str) -> Result<usize, Fail> {
        let n = self.int_or(2, not_a_number)?;
        if n < 0 {
            return Err("ERR Number of keys can't be negative".into());
        }
        match usize::try_from(n) {
            Ok(n) if n <= self.argc() - 3 => Ok(n),
            _ => Err("ERR Number of keys can't be greater than number of args".into()),
        }
    }

    /// Shows the command to those who monitor, before what it does.
    pub fn show_script(&mut self) {
        if !self.s.monitors.is_empty() {
            self.s.feed_monitors(self.client, self.db, self.argv);
        }
    }

    /// Begins a script, and ends it if it is short.
    pub fn run_script(&mut self, keys: usize, request: Request) -> Res {
        if self.s.scripting.run.is_some() {
            return Err("ERR a script runs already".into());
        }
        let run = self.prepare(&request)?;
        let debugged = self.s.debugs(self.client);
        let may_park = !self.s.loading && self.s.client(self.client).role == Role::Normal;
        let Some(engine) = self.s.engine(request.eval) else { return Err("ERR no interpreter".into()) };
        let lua = &mut engine.lua;
        let values: Vec<Value> = self.argv[3..].iter().map(|word| lua.string(word)).collect();
        let (keys, args) = (lua.array(&values[..keys]), lua.array(&values[keys..]));
        let function = lua.pinned(request.pin);
        if request.eval {
            lua.set_global("KEYS", keys);
            lua.set_global("ARGV", args);
            lua.start(function, &[]);
        } else {
            lua.start(function, &[keys, args]);
        }
        if debugged {
            // Up to the first instruction, for the debugger to see it.
            lua.run(0);
        }
        self.s.scripting.run = Some(Box::new(run));
        if may_park {
            if !self.s.drive_script(self.out, FIRST_SLICE) {
                self.s.scripting.parking = true;
            }
        } else {
            while !self.s.drive_script(self.out, SLICE) {}
        }
        Ok(())
    }

    /// Whether a script may run now.
    fn prepare(&mut self, request: &Request) -> Result<Run, Fail> {
        let (flags, client) = (request.flags, self.client);
        let compat = flags & sf::COMPAT != 0;
        let obeyed = self.s.obeys(client);
        let stale = self.s.is_stale();
        let oom = self.s.hot.maxmemory > 0 && !self.s.make_room();
        if compat {
            if stale {
                return Err("MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.".into());
            }
        } else {
            if flags & sf::NO_CLUSTER != 0 && self.s.hot.cluster {
                return Err("ERR Can not run script on cluster, 'no-cluster' flag is set.".into());
            }
            if flags & sf::NO_CLUSTER != 0 {
                self.s.count_incompatible();
            }
            if stale && flags & sf::ALLOW_STALE == 0 {
                return Err("MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' and 'allow-stale' flag is not set on the script.".into());
            }
            if flags & sf::NO_WRITES == 0 {
                self.may_write(request, obeyed)?;
            }
            if oom && flags & (sf::ALLOW_OOM | sf::NO_WRITES) == 0 {
                return Err(
                    "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'".into(),
                );
            }
        }
        Ok(Run {
            client,
            name: request.name.clone(),
            eval: request.eval,
            read_only: request.read_only || (!compat && flags & sf::NO_WRITES != 0),
            allow_oom: !compat && flags & sf::ALLOW_OOM != 0,
            allow_cross_slot: compat || flags & sf::ALLOW_CROSS_SLOT != 0,
            dirty: false,
            oom,
            timed_out: false,
            killed: false,
            db: self.db,
            resp3: false,
            targets: 3,
            slot: self.s.slot_of_keys(self.cmd, self.argv),
            watched: self.s.watched_slot,
            since: self.s.host.mono_us(),
            now_us: self.s.now_us,
            argv: self.argv.iter().map(|w| w.to_vec()).collect(),
        })
    }

    fn may_write(&self, request: &Request, obeyed: bool) -> Res {
        let s = &*self.s;
        if s.repl.is_replica() && s.config.bool(config::REPLICA_READ_ONLY) && !obeyed {
            return Err("READONLY Can not run script with write flag on readonly replica".into());
        }
        if !obeyed && s.cannot_persist() {
            return Err("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Writable scripts are blocked. Use 'no-writes' flag for read only scripts.".into());
        }
        if request.read_only {
            return Err("ERR Can not execute a script with write flag using *_ro command.".into());
        }
        if s.lacks_replicas() {
            return Err("NOREPLICAS Not enough good replicas to write.".into());
        }
        Ok(())
    }
}

impl Server {
    /// The interpreter of scripts or of functions.
    fn engine(&mut self, eval: bool) -> Option<&mut super::Engine> {
        let engine = if eval { &mut self.scripting.eval } else { &mut self.scripting.functions.engine };
        engine.as_deref_mut()
    }

    /// Whether a client's commands are not questioned: the master's, or those of a file.
    pub(crate) fn obeys(&self, client: u64) -> bool {
        self.loading || self.client(client).role == Role::Master
    }

    /// Whether this is a replica without its master's data.
    pub(crate) fn is_stale(&self) -> bool {
        self.repl.is_replica() && !self.repl.link_up() && !self.config.bool(config::REPLICA_SERVE_STALE_DATA)
    }

    /// Whether writes are refused since they could not be saved.
    pub(crate) fn cannot_persist(&self) -> bool {
        !self.repl.is_replica()
            && self.persist.refuses_writes(self.config.bool(config::STOP_WRITES_ON_BGSAVE_ERROR), &self.config)
    }

    /// Whether writes are refused since too few replicas listen.
    pub(crate) fn lacks_replicas(&self) -> bool {
        let wanted = self.config.int(config::MIN_REPLICAS_TO_WRITE);
        !self.repl.is_replica()
            && wanted > 0
            && self.config.int(config::MIN_REPLICAS_MAX_LAG) > 0
            && self.repl.good_replicas < wanted
    }

    /// Runs so many instructions of the script. True if it ended: then its reply is written.
    pub(super) fn drive_script(&mut self, out: &mut Reply, budget: i64) -> bool {
        let Some(run) = self.scripting.run.take() else { return true };
        let eval = run.eval;
        self.scripting.run = Some(run);
        let taken = if eval { self.scripting.eval.take() } else { self.scripting.functions.engine.take() };
        let Some(mut engine) = taken else { return true };
        let ended = self.drive(&mut engine.lua, out, budget);
        if eval {
            self.scripting.eval = Some(engine);
        } else {
            self.scripting.functions.engine = Some(engine);
        }
        if ended {
            self.scripting.run = None;
            self.scripting.ended();
            self.end_debugging();
        }
        ended
    }

    fn drive(&mut self, lua: &mut Lua, out: &mut Reply, budget: i64) -> bool {
        let mut left = budget;
        self.scripting.clock = self.host.mono_us();
        lua.clock = self.scripting.clock as f64 / 1e6;
        loop {
            if self.scripting.debug.is_some() {
                if let Err(failure) = self.debug_raises(lua) {
                    self.script_failed(lua, out, &failure);
                    return true;
                }
                if self.debug_stops(lua) {
                    return false;
                }
            }
            let before = left;
            let outcome = match self.scripting.debug.is_some() {
                // One instruction at a time.
                true => {
                    let outcome = lua.run(1);
                    left -= (1 - lua.left()).max(1);
                    outcome
                }
                false => {
                    let outcome = lua.run(left);
                    left = lua.left();
                    outcome
                }
            };
            self.scripting.work += (before - left).max(0) as u64;
            let failure = match outcome {
                Outcome::Suspended if left > 0 => continue,
                Outcome::Suspended => {
                    self.debug_timeout(lua);
                    return false;
                }
                Outcome::Done(values) => {
                    let script3 = self.scripting.run.as_ref().is_some_and(|r| r.resp3);
                    let value = values.first().copied().unwrap_or_default();
                    for error in convert::lua_to_reply(lua, out, value, script3) {
                        self.count_error(&error);
                    }
                    return true;
                }
                Outcome::Failed(failure) => Some(failure),
                Outcome::Host { id } => {
                    left -= CALL_COST;
                    self.scripting.work += CALL_COST as u64;
                    let answered = self.answer_script(lua, id);
                    lua.clock = self.scripting.clock as f64 / 1e6;
                    answered.err()
                }
            };
            if let Some(failure) = failure {
                self.script_failed(lua, out, &failure);
                return true;
            }
            if left <= 0 {
                return false;
            }
        }
    }

    /// The reply to a script that failed.
    fn script_failed(&mut self, lua: &mut Lua, out: &mut Reply, failure: &Failure) {
        let name = self.scripting.run.as_ref().map(|r| r.name.clone()).unwrap_or_default();
        let mut counted = false;
        let mut text = match failure.value {
            Value::Table(table) => {
                counted = lua.get_field(table, "ignore_error_stats_update") == Value::Bool(true);
                let message = lua.get_field(table, "err");
                lua.text_of(message).unwrap_or_else(|| b"ERR unknown error".to_vec())
            }
            other => [b"ERR ", lua.describe(other).as_slice()].concat(),
        };
        while text.last().is_some_and(|c| matches!(c, b'\r' | b'\n')) {
            text.pop();
        }
        if let Some((source, line)) = &failure.place {
            text.extend_from_slice(format!(" script: {name}, on ").as_bytes());
            text.extend_from_slice(source);
            text.extend_from_slice(format!(":{line}.").as_bytes());
        }
        out.error_bytes(&text);
        if !counted {
            self.count_error(&text);
        }
    }

    /// Runs a slice of a script that waits. True if it ended.
    pub(super) fn next_slice(&mut self, out: &mut Reply) -> bool {
        self.drive_script(out, SLICE)
    }

    /// SCRIPT KILL and FUNCTION KILL.
    pub(crate) fn kill_script(&mut self, eval: bool) -> Res {
        let Some(run) = &mut self.scripting.run else {
            return Err("NOTBUSY No scripts in execution right now.".into());
        };
        if run.dirty {
            return Err("UNKILLABLE Sorry the script already executed write commands against the dataset. You can either wait the script termination or kill the server in a hard way using the SHUTDOWN NOSAVE command.".into());
        }
        if run.eval != eval {
            return Err(run.busy_text().into());
        }
        run.killed = true;
        if let Some(engine) = self.engine(eval) {
            let error = convert::error_table(&mut engine.lua, b"Script killed by user with SCRIPT KILL...", false);
            engine.lua.kill(error);
        }
        self.notice("Lua script killed by user with SCRIPT KILL.");
        Ok(())
    }
}

impl Run {
    /// What others are told while it runs for too long.
    pub fn busy_text(&self) -> &'static str {
        if self.eval {
            "BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."
        } else {
            "BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE."
        }
    }
}
