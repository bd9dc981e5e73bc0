//! What the language does, against what Lua 5.1.5 printed for the same scripts (`lua5.1 x.lua > x.out`).

mod fuzz;

use crate::{Lua, Outcome, Value};

/// Runs a script in slices of so many instructions; what it printed, or its error.
fn run(lua: &mut Lua, text: &[u8], source: &str, slice: i64) -> String {
    let mut out = Vec::new();
    let function = match lua.load(text, source.as_bytes()) {
        Ok(function) => function,
        Err(message) => return String::from_utf8_lossy(&message).into_owned(),
    };
    lua.start(function, &[]);
    for _ in 0..50_000_000 {
        match lua.run(slice) {
            Outcome::Done(_) => return String::from_utf8_lossy(&out).into_owned(),
            Outcome::Suspended => {}
            Outcome::Failed(failure) => {
                let text = lua.describe(failure.value);
                out.extend_from_slice(&text);
                return String::from_utf8_lossy(&out).into_owned();
            }
            Outcome::Host { .. } => {
                out.extend(lua.text_of(lua.host_args()[0]).unwrap_or_default());
                out.push(b'\n');
                if let Err(failure) = lua.answer(Ok(&[])) {
                    let text = lua.describe(failure.value);
                    return String::from_utf8_lossy(&text).into_owned();
                }
            }
        }
    }
    "it does not end".into()
}

/// An interpreter with `print`, as the command `lua` has it.
fn with_print() -> Lua {
    let mut lua = Lua::new(64 << 20);
    let emit = lua.host_function(1);
    lua.set_global("emit", emit);
    let print = b"function print(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end emit(table.concat(t, '\\t')) end";
    run(&mut lua, print, "=print", 1000);
    lua
}

fn eval(text: &str) -> String {
    run(&mut with_print(), text.as_bytes(), "=t", 1000)
}

fn compare(text: &str, expected: &str, source: &str, slice: i64) {
    let got = run(&mut with_print(), text.as_bytes(), source, slice);
    for (n, (ours, real)) in got.lines().zip(expected.lines()).enumerate() {
        assert_eq!(ours, real, "line {} of what {source} prints", n + 1);
    }
    assert_eq!(got.lines().count(), expected.lines().count(), "{}", got.lines().last().unwrap_or_default());
}

const LANGUAGE: (&str, &str) = (include_str!("language.lua"), include_str!("language.out"));
const LIBRARIES: (&str, &str) = (include_str!("libraries.lua"), include_str!("libraries.out"));

#[test]
fn the_language_is_lua_5_1() {
    compare(LANGUAGE.0, LANGUAGE.1, "@language.lua", 1_000_000);
}

#[test]
fn the_libraries_are_those_of_lua_5_1() {
    compare(LIBRARIES.0, LIBRARIES.1, "@libraries.lua", 1_000_000);
}

#[test]
fn where_a_script_stops_makes_no_difference() {
    for slice in [1, 2, 17] {
        compare(LANGUAGE.0, LANGUAGE.1, "@language.lua", slice);
        compare(LIBRARIES.0, LIBRARIES.1, "@libraries.lua", slice);
    }
}

#[test]
fn a_script_that_does_not_end_can_be_killed() {
    let mut lua = with_print();
    let text = b"while true do pcall(function() while true do pcall(error) end end) end";
    let function = lua.load(text, b"=t").unwrap();
    lua.start(function, &[]);
    assert!(matches!(lua.run(100_000), Outcome::Suspended));
    let error = lua.string(b"killed");
    lua.kill(error);
    assert!(matches!(lua.run(100_000), Outcome::Failed(f) if f.value == error));
    assert_eq!(run(&mut lua, b"emit('again')", "=t", 100), "again\n");
}

#[test]
fn memory_has_a_limit_that_scripts_can_catch() {
    assert_eq!(eval("print(pcall(string.rep, 'x', 1e9))"), "false\tnot enough memory\n");
    assert_eq!(eval("local s = 'x' while true do s = s .. s end"), "not enough memory");
    assert_eq!(eval("local t = {} for i = 1, 1e9 do t[i] = {} end"), "not enough memory");
    assert_eq!(eval("local t = {} for i = 1, 1e9 do t[i] = 'k' .. i end"), "not enough memory");
    assert!(eval("('a'):rep(1e5):gsub('a', ('b'):rep(1e5))").ends_with("not enough memory"));
    let doubling = "local t = {'xxxxxxxx'} for i = 1, 15 do t = {t, t, t, t} end return t";
    assert_eq!(eval("local t = {} for i = 1, 9 do t[i] = t end cmsgpack.pack(t)"), "not enough memory");
    assert!(eval(&format!("cjson.encode((function() {doubling} end)())")).ends_with("not enough memory"));
    // What is not reachable does not count.
    assert_eq!(eval("for i = 1, 200000 do local t = {1, 2, 3, tostring(i)} end print('ok')"), "ok\n");
}

#[test]
fn depth_has_a_limit_that_scripts_can_catch() {
    assert!(eval("local function f() return 1 + f() end f()").ends_with("stack overflow"));
    assert_eq!(eval("local function f() return pcall(f) end print(f())").lines().count(), 1);
    let text = "local t = setmetatable({}, {__index = function(t, k) return t[k] end}) print(pcall(function() return t.x end))";
    assert!(eval(text).contains("stack overflow"));
    assert!(eval("local function f() coroutine.wrap(f)() end f()").contains("C stack overflow"));
    let nested = format!("return {}1{}", "(".repeat(500), ")".repeat(500));
    assert!(eval(&nested).ends_with("chunk has too many syntax levels"));
    let nested = format!("return {}", "{".repeat(100_000));
    assert!(eval(&nested).ends_with("chunk has too many syntax levels"));
}

#[test]
fn tables_can_refuse_changes() {
    let mut lua = with_print();
    let globals = lua.globals();
    lua.protect(globals);
    let readonly = |lua: &mut Lua, text: &str| {
        let out = run(lua, text.as_bytes(), "=t", 1000);
        assert!(out.ends_with("Attempt to modify a readonly table"), "{text}: {out}");
    };
    readonly(&mut lua, "x = 1");
    readonly(&mut lua, "string.x = 1");
    readonly(&mut lua, "rawset(_G, 'x', 1)");
    readonly(&mut lua, "table.insert(math, 1)");
    readonly(&mut lua, "setmetatable(_G, {})");
    readonly(&mut lua, "table.sort({2, 1}, function(a, b) math.x = 1 end)");
}

#[test]
fn json_goes_both_ways() {
    assert_eq!(eval("print(cjson.encode({1, 'a', {x = 1.5}, true, cjson.null}))"), "[1,\"a\",{\"x\":1.5},true,null]\n");
    assert_eq!(eval("print(cjson.decode('{\"a\":[1,{\"b\":\"\\\\u00e9\"}]}').a[2].b)"), "é\n");
    assert_eq!(
        eval("print(pcall(cjson.decode, '[1,2'))"),
        "false\tExpected comma or array end but found T_END at character 5\n"
    );
    assert!(eval("cjson.encode({[1] = 1, [1000] = 1})").ends_with("excessively sparse array"));
    assert!(eval("local t = {} t.t = t cjson.encode(t)").ends_with("excessive nesting (1001)"));
    assert!(eval("cjson.decode(('['):rep(2000))").contains("Found too many nested data structures (1001)"));
}

#[test]
fn bytes_go_both_ways() {
    let text = "local v = cmsgpack.unpack(cmsgpack.pack({1, -200, 2^40, 0.5, 'x', {a = true}})) print(v[1], v[2], v[3], v[4], v[5], v[6].a)";
    assert_eq!(eval(text), "1\t-200\t1099511627776\t0.5\tx\ttrue\n");
    assert!(eval("cmsgpack.unpack('\\145')").ends_with("Missing bytes in input."));
    assert_eq!(eval("print(struct.unpack('>I2<i4s', struct.pack('>I2<i4s', 500, -2, 'hi')))"), "500\t-2\thi\t10\n");
    assert_eq!(
        eval("print(bit.band(255, 0x0f), bit.bnot(0), bit.tohex(48879, 4), bit.rol(1, 33))"),
        "15\t-1\tbeef\t2\n"
    );
}

#[test]
fn the_place_of_an_error_is_known() {
    let mut lua = with_print();
    let function = lua.load(b"local x\n\nlocal y = x.z", b"@user_script").unwrap();
    lua.start(function, &[]);
    let Outcome::Failed(failure) = lua.run(1000) else { panic!() };
    assert_eq!(failure.place, Some((b"@user_script".to_vec(), 3)));
    assert_eq!(lua.describe(failure.value), b"user_script:3: attempt to index local 'x' (a nil value)");
}

#[test]
fn the_host_answers_later() {
    let mut lua = Lua::new(1 << 20);
    let ask = lua.host_function(7);
    lua.set_global("ask", ask);
    let function = lua.load(b"local ok, e = pcall(ask, 1) return ok, e, ask(2)", b"=t").unwrap();
    lua.start(function, &[]);
    assert!(matches!(lua.run(1000), Outcome::Host { id: 7 }));
    assert_eq!(lua.host_args(), [Value::Num(1.0)]);
    let error = lua.string(b"no");
    lua.answer(Err(error)).unwrap();
    assert!(matches!(lua.run(1000), Outcome::Host { id: 7 }));
    assert_eq!(lua.host_args(), [Value::Num(2.0)]);
    lua.answer(Ok(&[Value::Bool(true)])).unwrap();
    let Outcome::Done(values) = lua.run(1000) else { panic!() };
    assert_eq!(values, [Value::Bool(false), error, Value::Bool(true)]);
}
