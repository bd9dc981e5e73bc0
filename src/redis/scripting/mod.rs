//! Scripts and functions: Lua inside the server.
//!
//! A script runs in slices. What does not end in its first one is parked: the call of EVAL or FCALL
//! (and the EXEC around it) waits as data, nobody else's commands run, and every tick of the server
//! runs a slice more. After `busy-reply-threshold` others get -BUSY, as in Redis.

mod api;
mod convert;
pub mod debug;
mod engine;
pub mod functions;
mod park;
mod run;
mod shebang;

pub use park::Parked;
pub use run::{Request, Run};

use crate::server::Server;
use engine::Engine;
use std::collections::{BTreeMap, BTreeSet};

/// Scripts that came with EVAL and are kept; those loaded with SCRIPT LOAD stay.
const MAX_EVAL_SCRIPTS: usize = 500;

/// More objects than these count as freed in the background.
pub const LAZY_FREE_THRESHOLD: usize = 64;

/// Bytes that scripts may use.
const MEMORY_LIMIT: usize = 256 << 20;

/// What a script says about itself.
#[allow(missing_docs)]
pub mod script_flag {
    pub const NO_WRITES: u32 = 1 << 0;
    pub const ALLOW_OOM: u32 = 1 << 1;
    pub const ALLOW_STALE: u32 = 1 << 2;
    pub const NO_CLUSTER: u32 = 1 << 3;
    pub const ALLOW_CROSS_SLOT: u32 = 1 << 5;
    /// It says nothing: an EVAL without `#!`.
    pub const COMPAT: u32 = 1 << 4;
    /// Names, in the order in which they are listed.
    pub const NAMES: [(u32, &str); 5] = [
        (NO_WRITES, "no-writes"),
        (ALLOW_OOM, "allow-oom"),
        (ALLOW_STALE, "allow-stale"),
        (NO_CLUSTER, "no-cluster"),
        (ALLOW_CROSS_SLOT, "allow-cross-slot-keys"),
    ];
}

/// A script that is kept.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its text's length.
    size: usize,
    /// What it says about itself.
    pub flags: u32,
    /// Where its function is kept.
    pin: usize,
    /// When it was last used, if it may be forgotten.
    used: Option<u64>,
}

/// All about scripts.
#[derive(Default)]
pub struct Scripting {
    eval: Option<Box<Engine>>,
    scripts: BTreeMap<String, Script>,
    uses: u64,
    /// Libraries of functions.
    pub functions: functions::Functions,
    run: Option<Box<Run>>,
    parked: Option<Box<Parked>>,
    parking: bool,
    /// When the last command of a script ended, or its slice began: microseconds of the monotonic clock.
    pub clock: i64,
    /// Room for the words of a script's command, and for its reply.
    words: api::Words,
    reply: Vec<u8>,
    /// A script's command runs now.
    pub in_call: bool,
    /// Clients whose input waits for the script to end.
    waiting: BTreeSet<u64>,
    /// Scripts that were forgotten.
    pub evicted: u64,
    since_collection: u32,
    /// The script that is being debugged.
    debug: Option<Box<debug::Session>>,
    /// Copies of the server that debug scripts, by their clients.
    forks: BTreeMap<u64, debug::fork::Fork>,
    /// This server is such a copy.
    is_copy: bool,
    /// Instructions run since somebody asked.
    work: u64,
}

/// The SHA-1 of a script, in hexadecimal.
pub fn sha1_hex(text: &[u8]) -> String {
    use sha1::Digest;
    crate::server::hex(&sha1::Sha1::digest(text))
}

impl Scripting {
    /// A script that is kept.
    pub fn script(&self, sha: &[u8]) -> Option<&Script> {
        let sha = std::str::from_utf8(sha).ok()?.to_ascii_lowercase();
        self.scripts.get(&sha)
    }

    /// The same, with the SHA exactly as it is kept.
    pub fn knows(&self, sha: &[u8]) -> bool {
        std::str::from_utf8(sha).is_ok_and(|sha| self.scripts.contains_key(sha))
    }

    /// A script that is about to run: what it says about itself, and where its function is kept.
    pub fn use_script(&mut self, sha: &str) -> Option<(u32, usize)> {
        self.uses += 1;
        let script = self.scripts.get_mut(sha)?;
        if let Some(used) = &mut script.used {
            *used = self.uses;
        }
        Some((script.flags, script.pin))
    }

    /// How many scripts are kept.
    pub fn count(&self) -> usize {
        self.scripts.len()
    }

    /// Forgets all scripts, and the interpreter.
    pub fn flush(&mut self) {
        self.scripts.clear();
        self.eval = None;
    }

    /// Bytes of the interpreters: of scripts, of functions.
    pub fn vm_memory(&self) -> (usize, usize) {
        const BASE: usize = 32 << 10;
        let of = |engine: &Option<Box<Engine>>| engine.as_ref().map_or(BASE, |e| e.lua.memory());
        (of(&self.eval), of(&self.functions.engine))
    }

    /// Bytes of the scripts' texts and of the libraries.
    pub fn text_memory(&self) -> (usize, usize) {
        (self.scripts.values().map(|s| s.size + 120).sum(), self.functions.memory())
    }

    /// A script ended. From time to time its garbage goes, as long as that takes no time.
    fn ended(&mut self) {
        const EVERY: u32 = 50;
        const SMALL: usize = 4 << 20;
        self.since_collection += 1;
        if self.since_collection < EVERY {
            return;
        }
        self.since_collection = 0;
        for engine in [&mut self.eval, &mut self.functions.engine].into_iter().flatten() {
            if engine.lua.memory() < SMALL {
                engine.lua.collect();
            }
        }
    }

    /// What was run since the last time somebody asked, in nanoseconds of the machine's time.
    pub fn take_work(&mut self) -> u64 {
        const NANOS: u64 = 8;
        std::mem::take(&mut self.work) * NANOS
    }

    /// The running script.
    pub fn running(&self) -> Option<&Run> {
        self.run.as_deref()
    }
}

impl Server {
    /// Compiles and keeps a script. `loaded`: with SCRIPT LOAD. Gives its SHA, or the error.
    pub(crate) fn add_script(&mut self, text: &[u8], loaded: bool) -> Result<String, Vec<u8>> {
        let sha = sha1_hex(text);
        if self.scripting.scripts.contains_key(&sha) {
            return Ok(sha);
        }
        let (flags, body) = shebang::script(text)?;
        self.ensure_eval_engine();
        let Some(engine) = self.scripting.eval.as_mut() else { return Err(b"ERR no interpreter".to_vec()) };
        let function = engine
            .lua
            .load(body, b"@user_script")
            .map_err(|message| [b"ERR Error compiling script (new function): ".as_slice(), &message].concat())?;
        let pin = engine.lua.pin(function);
        let used = if loaded {
            None
        } else {
            self.evict_scripts();
            self.scripting.uses += 1;
            Some(self.scripting.uses)
        };
        self.scripting.scripts.insert(sha.clone(), Script { size: text.len(), flags, pin, used });
        Ok(sha)
    }

    fn ensure_eval_engine(&mut self) {
        if self.scripting.eval.is_none() {
            let deprecated = self.config.bool(crate::config::LUA_ENABLE_DEPRECATED_API);
            let seed = self.random() as i32;
            self.scripting.eval = Some(Box::new(Engine::for_scripts(deprecated, seed)));
        }
    }

    /// Makes room for one script more.
    fn evict_scripts(&mut self) {
        loop {
            let evictable = self.scripting.scripts.iter().filter_map(|(sha, s)| Some((s.used?, sha)));
            let (count, oldest) = evictable.fold((0, None), |(n, oldest), item| {
                (n + 1, Some(oldest.map_or(item, |o: (u64, &String)| o.min(item))))
            });
            let Some((_, sha)) = oldest.filter(|_| count >= MAX_EVAL_SCRIPTS) else { return };
            let sha = sha.clone();
            if let Some(script) = self.scripting.scripts.remove(&sha)
                && let Some(engine) = &mut self.scripting.eval
            {
                engine.lua.unpin(script.pin);
            }
            self.scripting.evicted += 1;
        }
    }

    /// A command's flags; those of EVAL and FCALL depend on what the script says about itself.
    pub(crate) fn flags_of(&self, command: &crate::commands::Command, argv: &[&[u8]]) -> u32 {
        use crate::commands::flag;
        let runs_scripts = command.has(flag::NO_MANDATORY_KEYS) && command.has(flag::SKIP_MONITOR);
        if !runs_scripts {
            return command.flags;
        }
        let word = argv.get(1).copied().unwrap_or_default();
        let flags = match command.name {
            "fcall" | "fcall_ro" => self.scripting.functions.find(word).map(|f| f.flags),
            "evalsha" | "evalsha_ro" => self.scripting.script(word).map(|s| s.flags),
            _ => shebang::script(word).ok().map(|(flags, _)| flags),
        };
        let Some(flags) = flags.filter(|f| f & script_flag::COMPAT == 0) else { return command.flags };
        let mut result = command.flags & !(flag::STALE | flag::DENYOOM | flag::WRITE | flag::MAY_REPLICATE);
        if flags & (script_flag::ALLOW_OOM | script_flag::NO_WRITES) == 0 {
            result |= flag::DENYOOM;
        }
        if flags & script_flag::NO_WRITES == 0 {
            result |= flag::WRITE;
        }
        if flags & script_flag::ALLOW_STALE != 0 {
            result |= flag::STALE;
        }
        result
    }
}
