//! Libraries of functions: FUNCTION and FCALL.

use super::convert::error_table;
use super::engine::{Api, Engine};
use super::{script_flag, shebang};
use crate::config;
use crate::persistence::crc64;
use crate::persistence::rdb_read::Reader;
use crate::persistence::rdb_write::{FORMAT, Writer, op};
use crate::server::Server;
use lua::{Lua, Outcome, Value};
use std::collections::BTreeMap;

/// Instructions that a library may run while it is loaded: about half a second.
const LOAD_BUDGET: i64 = 20_000_000;

const BAD_NAME: &str =
    "Library names can only contain letters, numbers, or underscores(_) and must be at least one character long";

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// Where it is kept in the interpreter.
    pub pin: usize,
    /// What it is for.
    pub description: Option<Vec<u8>>,
    /// What it says about itself.
    pub flags: u32,
}

/// A library.
#[derive(Clone, Debug, PartialEq)]
pub struct Library {
    /// Its text.
    pub code: Vec<u8>,
    /// Its functions.
    pub functions: BTreeMap<Vec<u8>, Function>,
}

/// Libraries by name.
type Libraries = BTreeMap<Vec<u8>, Library>;

/// All libraries.
#[derive(Default)]
pub struct Functions {
    /// Their interpreter.
    pub(super) engine: Option<Box<Engine>>,
    /// The libraries.
    pub libraries: Libraries,
    /// Which library has a function; names differ in more than case.
    owners: BTreeMap<Vec<u8>, Vec<u8>>,
}

fn lower(name: &[u8]) -> Vec<u8> {
    name.to_ascii_lowercase()
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_')
}

impl Functions {
    /// A function, whatever the case of its name.
    pub fn find(&self, name: &[u8]) -> Option<&Function> {
        self.named(name).map(|(_, f)| f)
    }

    /// A function and its real name.
    pub fn named(&self, name: &[u8]) -> Option<(&[u8], &Function)> {
        let name = lower(name);
        let library = self.libraries.get(self.owners.get(&name)?)?;
        let (name, function) = library.functions.iter().find(|(n, _)| lower(n) == name)?;
        Some((name, function))
    }

    /// How many functions there are.
    pub fn count(&self) -> usize {
        self.owners.len()
    }

    /// Bytes of the libraries.
    pub fn memory(&self) -> usize {
        let of = |l: &Library| l.code.len() + 150 + l.functions.keys().map(|n| n.len() + 100).sum::<usize>();
        192 + self.libraries.values().map(of).sum::<usize>()
    }

    fn link(&mut self, name: Vec<u8>, library: Library) {
        for function in library.functions.keys() {
            self.owners.insert(lower(function), name.clone());
        }
        self.libraries.insert(name, library);
    }

    fn unlink(&mut self, name: &[u8]) -> Option<Library> {
        let library = self.libraries.remove(name)?;
        for function in library.functions.keys() {
            self.owners.remove(&lower(function));
        }
        Some(library)
    }

    fn free(&mut self, library: &Library) {
        if let Some(engine) = &mut self.engine {
            for function in library.functions.values() {
                engine.lua.unpin(function.pin);
            }
        }
    }

    fn clash(&self, library: &Library) -> Option<Vec<u8>> {
        let taken = library.functions.keys().find(|n| self.owners.contains_key(&lower(n)))?;
        Some([b"ERR Function ".as_slice(), taken, b" already exists"].concat())
    }

    /// Takes a library away. Whether there was one of that name.
    pub fn delete(&mut self, name: &[u8]) -> bool {
        let library = self.unlink(name);
        if let Some(library) = &library {
            self.free(library);
        }
        library.is_some()
    }

    /// Forgets all libraries, and the interpreter.
    pub fn flush(&mut self) {
        *self = Functions::default();
    }
}

/// What `redis.register_function` was told.
#[derive(Default)]
struct Registration {
    name: Option<Vec<u8>>,
    description: Option<Vec<u8>>,
    callback: Option<Value>,
    flags: u32,
}

fn read_flags(lua: &Lua, table: u32) -> Option<u32> {
    let mut flags = 0;
    for n in 1.. {
        let item = lua.item(table, n);
        if item.is_nil() {
            break;
        }
        let name = lua.text_of(item)?;
        flags |= script_flag::NAMES.iter().find(|(_, n)| n.as_bytes().eq_ignore_ascii_case(&name))?.0;
    }
    Some(flags)
}

fn is_function(value: Value) -> bool {
    matches!(value, Value::Func(_) | Value::Native(_))
}

fn read_named(lua: &Lua, args: &[Value]) -> Result<Registration, &'static str> {
    let Value::Table(table) = args[0] else {
        return Err(
            "calling redis.register_function with a single argument is only applicable to Lua table (representing named arguments).",
        );
    };
    let mut read = Registration::default();
    let mut last = Value::Nil;
    while let Some((key, value)) = lua.next(table, last) {
        last = key;
        let key = lua.text_of(key).ok_or("named argument key given to redis.register_function is not a string")?;
        match key.to_ascii_lowercase().as_slice() {
            b"function_name" => {
                let name = lua.text_of(value);
                read.name =
                    Some(name.ok_or("function_name argument given to redis.register_function must be a string")?);
            }
            b"description" => {
                let text = lua.text_of(value);
                read.description =
                    Some(text.ok_or("description argument given to redis.register_function must be a string")?);
            }
            b"callback" if is_function(value) => read.callback = Some(value),
            b"callback" => return Err("callback argument given to redis.register_function must be a function"),
            b"flags" => {
                let Value::Table(list) = value else {
                    return Err(
                        "flags argument to redis.register_function must be a table representing function flags",
                    );
                };
                read.flags = read_flags(lua, list).ok_or("unknown flag given")?;
            }
            _ => return Err("unknown argument given to redis.register_function"),
        }
    }
    if read.name.is_none() {
        return Err("redis.register_function must get a function name argument");
    }
    if read.callback.is_none() {
        return Err("redis.register_function must get a callback argument");
    }
    Ok(read)
}

fn read_registration(lua: &Lua, args: &[Value]) -> Result<Registration, &'static str> {
    match args {
        [_] => read_named(lua, args),
        [name, callback] => {
            let name = lua.text_of(*name).ok_or("first argument to redis.register_function must be a string")?;
            if !is_function(*callback) {
                return Err("second argument to redis.register_function must be a function");
            }
            Ok(Registration { name: Some(name), callback: Some(*callback), ..Registration::default() })
        }
        _ => Err("wrong number of arguments to redis.register_function"),
    }
}

fn register(lua: &mut Lua, library: &mut Library, args: &[Value]) -> Result<(), &'static str> {
    let read = read_registration(lua, args)?;
    let name = read.name.unwrap_or_default();
    if !is_name(&name) {
        return Err(BAD_NAME);
    }
    if library.functions.contains_key(&name) {
        return Err("Function already exists in the library");
    }
    let pin = lua.pin(read.callback.unwrap_or_default());
    library.functions.insert(name, Function { pin, description: read.description, flags: read.flags });
    Ok(())
}

fn check_about(about: &shebang::Library<'_>) -> Result<(), Vec<u8>> {
    if !is_name(&about.name) {
        return Err(format!("ERR {BAD_NAME}").into_bytes());
    }
    if !about.engine.eq_ignore_ascii_case(b"lua") {
        return Err([b"ERR Engine '".as_slice(), &about.engine, b"' not found"].concat());
    }
    Ok(())
}

/// An error's text, as it stands in another.
fn error_text(lua: &mut Lua, error: Value) -> Vec<u8> {
    if let Value::Table(table) = error {
        let text = lua.get_field(table, "err");
        return lua.text_of(text).unwrap_or_else(|| b"ERR unknown error".to_vec());
    }
    [b"ERR ", lua.describe(error).as_slice()].concat()
}

impl Server {
    fn function_engine(&mut self) -> Box<Engine> {
        match self.scripting.functions.engine.take() {
            Some(engine) => engine,
            None => {
                let deprecated = self.config.bool(config::LUA_ENABLE_DEPRECATED_API);
                let seed = self.random() as i32;
                Box::new(Engine::for_functions(deprecated, seed))
            }
        }
    }

    /// Runs a library's code, which registers its functions.
    fn compile_library(&mut self, text: &[u8], limited: bool) -> Result<(Vec<u8>, Library), Vec<u8>> {
        let about = shebang::library(text)?;
        check_about(&about)?;
        let mut library = Library { code: text.to_vec(), functions: BTreeMap::new() };
        let mut engine = self.function_engine();
        engine.set_loading(true);
        let result = self.run_library(&mut engine.lua, about.code, &mut library, limited);
        engine.set_loading(false);
        self.scripting.functions.engine = Some(engine);
        if let Err(text) = result {
            self.scripting.functions.free(&library);
            return Err(text);
        }
        if library.functions.is_empty() {
            return Err(b"ERR No functions registered".to_vec());
        }
        Ok((about.name, library))
    }

    fn run_library(&mut self, lua: &mut Lua, code: &[u8], library: &mut Library, limited: bool) -> Result<(), Vec<u8>> {
        let function = lua
            .load(code, b"@user_function")
            .map_err(|message| [b"ERR Error compiling function: ".as_slice(), &message].concat())?;
        lua.start(function, &[]);
        let mut left = LOAD_BUDGET;
        loop {
            let outcome = lua.run(if limited { left } else { i64::MAX });
            left = if limited { lua.left() } else { left };
            let failed = match outcome {
                Outcome::Done(_) => return Ok(()),
                Outcome::Failed(failure) => Some(failure.value),
                Outcome::Suspended => {
                    lua.reset();
                    Some(error_table(lua, b"FUNCTION LOAD timeout", false))
                }
                Outcome::Host { id } => {
                    let args = lua.host_args().to_vec();
                    let answer = match Api::of(id) {
                        Some(Api::RegisterFunction) => match register(lua, library, &args) {
                            Ok(()) => Ok(Vec::new()),
                            Err(text) => Err(error_table(lua, text.as_bytes(), false)),
                        },
                        _ => self.script_api(lua, id, &args),
                    };
                    let answered = match &answer {
                        Ok(values) => lua.answer(Ok(values)),
                        Err(error) => lua.answer(Err(*error)),
                    };
                    answered.err().map(|failure| failure.value)
                }
            };
            if let Some(error) = failed {
                let text = error_text(lua, error);
                return Err([b"ERR Error registering functions: ".as_slice(), &text].concat());
            }
        }
    }

    /// Loads a library. Gives its name, or the error.
    pub(crate) fn load_library(&mut self, text: &[u8], replace: bool, limited: bool) -> Result<Vec<u8>, Vec<u8>> {
        let about = shebang::library(text)?;
        check_about(&about)?;
        if !replace && self.scripting.functions.libraries.contains_key(&about.name) {
            return Err([b"ERR Library '".as_slice(), &about.name, b"' already exists"].concat());
        }
        let (name, library) = self.compile_library(text, limited)?;
        let old = self.scripting.functions.unlink(&name);
        let functions = &mut self.scripting.functions;
        if let Some(clash) = functions.clash(&library) {
            functions.free(&library);
            if let Some(old) = old {
                functions.link(name, old);
            }
            return Err(clash);
        }
        if let Some(old) = old {
            functions.free(&old);
        }
        functions.link(name.clone(), library);
        Ok(name)
    }

    /// The libraries as an RDB file has them.
    pub(crate) fn write_libraries(&self, writer: &mut Writer) {
        for library in self.scripting.functions.libraries.values() {
            writer.out.push(op::FUNCTION2);
            writer.string(&library.code);
        }
    }

    /// What FUNCTION DUMP gives.
    pub(crate) fn dump_libraries(&self) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new(), self.config.bool(config::RDBCOMPRESSION));
        self.write_libraries(&mut writer);
        let mut out = writer.out;
        out.extend_from_slice(&FORMAT.to_le_bytes());
        let crc = crc64::update(0, &out);
        out.extend_from_slice(&crc.to_le_bytes());
        out
    }

    fn read_libraries(&mut self, data: &[u8]) -> Result<Libraries, Vec<u8>> {
        let mut read = Libraries::new();
        let mut reader = Reader::new(data);
        while reader.position() < data.len() {
            let text = match reader.byte() {
                Some(op::FUNCTION2) => reader.string(),
                Some(0xf6) => return Err(b"ERR Pre-GA function format not supported".to_vec()),
                _ => return Err(b"ERR given type is not a function".to_vec()),
            };
            let text = text.ok_or_else(|| b"ERR Failed loading library data".to_vec())?;
            let result = self.compile_library(&text, false);
            let problem = match result {
                Ok((name, library)) if read.contains_key(&name) => {
                    self.scripting.functions.free(&library);
                    [b"ERR Library '".as_slice(), &name, b"' already exists"].concat()
                }
                Ok((name, library)) => {
                    read.insert(name, library);
                    continue;
                }
                Err(problem) => problem,
            };
            read.values().for_each(|l| self.scripting.functions.free(l));
            return Err(problem);
        }
        Ok(read)
    }

    /// FUNCTION RESTORE.
    pub(crate) fn restore_libraries(&mut self, payload: &[u8], policy: &[u8]) -> Result<(), Vec<u8>> {
        let (flush, replace) = match policy.to_ascii_lowercase().as_slice() {
            b"flush" => (true, true),
            b"append" => (false, false),
            b"replace" => (false, true),
            _ => {
                let text = "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.";
                return Err(text.as_bytes().to_vec());
            }
        };
        let data = checked(payload).ok_or_else(|| b"ERR DUMP payload version or checksum are wrong".to_vec())?;
        let new = self.read_libraries(data)?;
        let functions = &mut self.scripting.functions;
        let names: Vec<Vec<u8>> = if flush {
            functions.libraries.keys().cloned().collect()
        } else {
            new.keys().filter(|n| functions.libraries.contains_key(*n)).cloned().collect()
        };
        if let Some(name) = names.first().filter(|_| !replace) {
            let text = [b"ERR Library ".as_slice(), name, b" already exists"].concat();
            new.values().for_each(|l| functions.free(l));
            return Err(text);
        }
        let old: Vec<(Vec<u8>, Library)> =
            names.into_iter().filter_map(|name| functions.unlink(&name).map(|l| (name, l))).collect();
        if let Some(clash) = new.values().find_map(|library| functions.clash(library)) {
            new.values().for_each(|l| functions.free(l));
            for (name, library) in old {
                functions.link(name, library);
            }
            return Err(clash);
        }
        old.iter().for_each(|(_, library)| functions.free(library));
        for (name, library) in new {
            functions.link(name, library);
        }
        Ok(())
    }
}

/// A payload without its version and checksum, if they are right.
fn checked(payload: &[u8]) -> Option<&[u8]> {
    let (data, tail) = payload.split_at_checked(payload.len().checked_sub(10)?)?;
    let version = u16::from_le_bytes([tail[0], tail[1]]);
    let crc = u64::from_le_bytes(tail[2..].try_into().ok()?);
    let good = version <= FORMAT && (crc == 0 || crc64::update(0, &payload[..payload.len() - 8]) == crc);
    good.then_some(data)
}
