//! An interpreter with Redis's API and its sandbox.

use super::MEMORY_LIMIT;
use crate::server::VERSION_NUM;
use lua::{Args, Flow, Lua, Value};

/// Functions of `redis` that the server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    Call,
    PCall,
    Log,
    SetResp,
    Sha1Hex,
    ErrorReply,
    StatusReply,
    SetRepl,
    AclCheckCmd,
    ReplicateCommands,
    Breakpoint,
    Debug,
    RegisterFunction,
}

const NAMES: [(&str, Api); 13] = [
    ("call", Api::Call),
    ("pcall", Api::PCall),
    ("log", Api::Log),
    ("setresp", Api::SetResp),
    ("sha1hex", Api::Sha1Hex),
    ("error_reply", Api::ErrorReply),
    ("status_reply", Api::StatusReply),
    ("set_repl", Api::SetRepl),
    ("acl_check_cmd", Api::AclCheckCmd),
    ("replicate_commands", Api::ReplicateCommands),
    ("breakpoint", Api::Breakpoint),
    ("debug", Api::Debug),
    ("register_function", Api::RegisterFunction),
];

impl Api {
    /// The function of a number.
    pub fn of(id: u32) -> Option<Api> {
        NAMES.get(id as usize).map(|(_, api)| *api)
    }
}

/// An interpreter.
pub struct Engine {
    /// The language.
    pub lua: Lua,
    /// Of functions: the metatable of the globals, what they are while a library is loaded, and else.
    pub worlds: Option<(u32, u32, u32)>,
}

/// Names of globals that only `lua-enable-deprecated-api` brings.
const DEPRECATED: [&str; 3] = ["newproxy", "setfenv", "getfenv"];

/// A global that does not exist is read.
fn nonexistent(lua: &mut Lua, args: Args) -> Result<Flow, Value> {
    if args.count != 2 {
        return Err(lua.error_at_caller(b"Wrong number of arguments to luaProtectedTableError"));
    }
    let Some(name) = lua.text_of(lua.arg(args, 2)) else {
        let text = b"Second argument to luaProtectedTableError must be a string or number";
        return Err(lua.error_at_caller(text));
    };
    let text = [b"Script attempted to access nonexistent global variable '".as_slice(), &name, b"'"].concat();
    Err(lua.error_at_caller(&text))
}

fn add(lua: &mut Lua, table: u32, wanted: &[Api]) {
    for (n, (name, api)) in NAMES.iter().enumerate() {
        if wanted.contains(api) {
            let function = lua.host_function(n as u32);
            lua.set_field(table, name, function);
        }
    }
}

fn numbers(lua: &mut Lua, table: u32, list: &[(&str, u32)]) {
    for (name, n) in list {
        lua.set_field(table, name, Value::Num(f64::from(*n)));
    }
}

/// What scripts and libraries that load have in common.
fn add_log_and_version(lua: &mut Lua, table: u32) {
    add(lua, table, &[Api::Log]);
    numbers(lua, table, &[("LOG_DEBUG", 0), ("LOG_VERBOSE", 1), ("LOG_NOTICE", 2), ("LOG_WARNING", 3)]);
    numbers(lua, table, &[("REDIS_VERSION_NUM", VERSION_NUM)]);
    let version = lua.string(crate::server::VERSION.as_bytes());
    lua.set_field(table, "REDIS_VERSION", version);
}

fn error_metatable(lua: &mut Lua, table: u32) {
    let meta = lua.table(0, 1);
    let handler = lua.native(nonexistent, 0);
    lua.set_field(meta, "__index", handler);
    lua.set_metatable(table, Some(meta));
}

/// An interpreter with `redis` and without what scripts must not have.
fn with_redis(deprecated: bool, seed: i32) -> (Lua, u32) {
    let mut lua = Lua::new(MEMORY_LIMIT);
    lua.seed(seed);
    lua.use_text_pcall();
    if !deprecated {
        for name in DEPRECATED {
            lua.set_global(name, Value::Nil);
        }
    }
    let redis = lua.table(0, 32);
    let all = [
        Api::Call,
        Api::PCall,
        Api::SetResp,
        Api::Sha1Hex,
        Api::ErrorReply,
        Api::StatusReply,
        Api::SetRepl,
        Api::AclCheckCmd,
    ];
    add(&mut lua, redis, &all);
    add_log_and_version(&mut lua, redis);
    let repl = [("REPL_NONE", 0), ("REPL_AOF", 1), ("REPL_SLAVE", 2), ("REPL_REPLICA", 2), ("REPL_ALL", 3)];
    numbers(&mut lua, redis, &repl);
    lua.set_global("redis", Value::Table(redis));
    (lua, redis)
}

impl Engine {
    /// For EVAL.
    pub fn for_scripts(deprecated: bool, seed: i32) -> Engine {
        let (mut lua, redis) = with_redis(deprecated, seed);
        add(&mut lua, redis, &[Api::ReplicateCommands, Api::Breakpoint, Api::Debug]);
        let globals = lua.globals();
        error_metatable(&mut lua, globals);
        lua.protect(globals);
        if let Some(meta) = lua.string_metatable() {
            lua.protect(meta);
        }
        Engine { lua, worlds: None }
    }

    /// For functions.
    pub fn for_functions(deprecated: bool, seed: i32) -> Engine {
        let (mut lua, _) = with_redis(deprecated, seed);
        let globals = lua.globals();
        let loading = lua.table(0, 1);
        let api = lua.table(0, 16);
        add(&mut lua, api, &[Api::RegisterFunction]);
        add_log_and_version(&mut lua, api);
        error_metatable(&mut lua, api);
        lua.set_field(loading, "redis", Value::Table(api));
        error_metatable(&mut lua, loading);
        lua.protect(loading);
        error_metatable(&mut lua, globals);
        lua.protect(globals);
        let (world, meta) = (lua.table(0, 0), lua.table(0, 1));
        lua.set_field(meta, "__index", Value::Table(globals));
        lua.set_readonly(meta, true);
        lua.set_metatable(world, Some(meta));
        lua.set_readonly(world, true);
        // All three live as long as the interpreter.
        for table in [globals, loading, world] {
            lua.pin(Value::Table(table));
        }
        lua.set_globals(world);
        if let Some(meta) = lua.string_metatable() {
            lua.protect(meta);
        }
        Engine { lua, worlds: Some((meta, loading, globals)) }
    }

    /// While a library is loaded it sees only what it needs to register functions.
    pub fn set_loading(&mut self, loading: bool) {
        if let Some((meta, narrow, wide)) = self.worlds {
            self.lua.set_field(meta, "__index", Value::Table(if loading { narrow } else { wide }));
        }
    }
}
