//! `coroutine`

use crate::value::Value;
use crate::vm::{Args, Flow, Lua};

type Res = Result<Flow, Value>;

pub fn open(lua: &mut Lua) {
    let table = lua.library(
        "coroutine",
        &[("create", create), ("resume", resume), ("running", running), ("status", status), ("yield", pause)],
    );
    let resume = lua.native(resume_wrapped, 0);
    let wrapper = lua.prelude("wrap", &[resume]);
    let pin = lua.pin(wrapper) as u32;
    let wrap = lua.native(wrap, pin);
    lua.set_field(table, "wrap", wrap);
}

fn body(lua: &mut Lua, args: Args) -> Result<Value, Value> {
    match lua.arg(args, 1) {
        function @ Value::Func(_) => Ok(function),
        _ => Err(lua.argument_error(1, "Lua function expected")),
    }
}

fn create(lua: &mut Lua, args: Args) -> Res {
    let body = body(lua, args)?;
    let thread = lua.new_thread(body, false);
    lua.give(thread);
    Ok(Flow::Done)
}

fn wrap(lua: &mut Lua, args: Args) -> Res {
    let body = body(lua, args)?;
    let thread = lua.new_thread(body, true);
    lua.give(thread);
    Ok(Flow::Call(lua.pinned(args.data as usize)))
}

fn resume(lua: &mut Lua, args: Args) -> Res {
    let Value::Thread(thread) = lua.arg(args, 1) else {
        return Err(lua.argument_error(1, "coroutine expected"));
    };
    lua.give_args(args, 1);
    Ok(Flow::Resume(thread, false))
}

fn resume_wrapped(lua: &mut Lua, args: Args) -> Res {
    let Value::Thread(thread) = lua.arg(args, 1) else { return Ok(Flow::Done) };
    lua.give_args(args, 1);
    Ok(Flow::Resume(thread, true))
}

fn running(lua: &mut Lua, _: Args) -> Res {
    let result = lua.running_thread().map_or(Value::Nil, Value::Thread);
    lua.give(result);
    Ok(Flow::Done)
}

fn status(lua: &mut Lua, args: Args) -> Res {
    let Value::Thread(thread) = lua.arg(args, 1) else {
        return Err(lua.argument_error(1, "coroutine expected"));
    };
    let status = lua.thread_status(thread);
    lua.give_bytes(status.as_bytes());
    Ok(Flow::Done)
}

fn pause(lua: &mut Lua, args: Args) -> Res {
    lua.give_args(args, 0);
    Ok(Flow::Yield)
}
