//! `math`, computed alike on every host.

use crate::value::Value;
use crate::vm::arith::{modulo_c, pow};
use crate::vm::{Args, Flow, Lua, Native};

type Res = Result<Flow, Value>;

/// A function of one number.
fn unary(lua: &mut Lua, args: Args, run: fn(f64) -> f64) -> Res {
    let x = lua.check_number(args, 1)?;
    lua.give(Value::Num(run(x)));
    Ok(Flow::Done)
}

const FUNCTIONS: [(&str, Native); 28] = [
    ("abs", |l, a| unary(l, a, f64::abs)),
    ("acos", |l, a| unary(l, a, libm::acos)),
    ("asin", |l, a| unary(l, a, libm::asin)),
    ("atan", |l, a| unary(l, a, libm::atan)),
    ("atan2", |l, a| binary(l, a, libm::atan2)),
    ("ceil", |l, a| unary(l, a, f64::ceil)),
    ("cos", |l, a| unary(l, a, libm::cos)),
    ("cosh", |l, a| unary(l, a, libm::cosh)),
    ("deg", |l, a| unary(l, a, |x| x / (std::f64::consts::PI / 180.0))),
    ("exp", |l, a| unary(l, a, libm::exp)),
    ("floor", |l, a| unary(l, a, f64::floor)),
    ("fmod", |l, a| binary(l, a, modulo_c)),
    ("frexp", frexp),
    ("ldexp", ldexp),
    ("log", |l, a| unary(l, a, libm::log)),
    ("log10", |l, a| unary(l, a, libm::log10)),
    ("max", |l, a| choose(l, a, |new, old| new > old)),
    ("min", |l, a| choose(l, a, |new, old| new < old)),
    ("mod", |l, a| binary(l, a, modulo_c)),
    ("modf", modf),
    ("pow", |l, a| binary(l, a, pow)),
    ("rad", |l, a| unary(l, a, |x| x * (std::f64::consts::PI / 180.0))),
    ("random", random),
    ("randomseed", randomseed),
    ("sin", |l, a| unary(l, a, libm::sin)),
    ("sinh", |l, a| unary(l, a, libm::sinh)),
    ("sqrt", |l, a| unary(l, a, f64::sqrt)),
    ("tan", |l, a| unary(l, a, libm::tan)),
];

pub fn open(lua: &mut Lua) {
    let table = lua.library("math", &FUNCTIONS);
    lua.register(table, &[("tanh", |l, a| unary(l, a, libm::tanh))]);
    lua.set_field(table, "pi", Value::Num(std::f64::consts::PI));
    lua.set_field(table, "huge", Value::Num(f64::INFINITY));
    lua.library("os", &[("clock", clock)]);
}

fn clock(lua: &mut Lua, _: Args) -> Res {
    lua.give(Value::Num(lua.clock));
    Ok(Flow::Done)
}

fn binary(lua: &mut Lua, args: Args, run: fn(f64, f64) -> f64) -> Res {
    let (x, y) = (lua.check_number(args, 1)?, lua.check_number(args, 2)?);
    lua.give(Value::Num(run(x, y)));
    Ok(Flow::Done)
}

fn choose(lua: &mut Lua, args: Args, better: fn(f64, f64) -> bool) -> Res {
    let mut best = lua.check_number(args, 1)?;
    for n in 2..=args.count {
        let next = lua.check_number(args, n)?;
        if better(next, best) {
            best = next;
        }
    }
    lua.give(Value::Num(best));
    Ok(Flow::Done)
}

fn frexp(lua: &mut Lua, args: Args) -> Res {
    let (fraction, exponent) = libm::frexp(lua.check_number(args, 1)?);
    lua.give(Value::Num(fraction));
    lua.give(Value::Num(f64::from(exponent)));
    Ok(Flow::Done)
}

fn ldexp(lua: &mut Lua, args: Args) -> Res {
    let (x, exponent) = (lua.check_number(args, 1)?, lua.check_int(args, 2)?);
    lua.give(Value::Num(libm::ldexp(x, exponent.clamp(-5000, 5000) as i32)));
    Ok(Flow::Done)
}

fn modf(lua: &mut Lua, args: Args) -> Res {
    let x = lua.check_number(args, 1)?;
    lua.give(Value::Num(x.trunc()));
    lua.give(Value::Num(if x.is_infinite() { 0.0f64.copysign(x) } else { x - x.trunc() }));
    Ok(Flow::Done)
}

/// The generator of `drand48`, whose upper 31 bits are taken.
fn next_random(lua: &mut Lua) -> f64 {
    const RANGE: u64 = (1 << 31) - 1;
    lua.random = lua.random.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & ((1 << 48) - 1);
    ((lua.random >> 17) % RANGE) as f64 / RANGE as f64
}

fn random(lua: &mut Lua, args: Args) -> Res {
    let r = next_random(lua);
    let result = match args.count {
        0 => r,
        1 => {
            let upper = lua.check_int(args, 1)? as i32;
            if upper < 1 {
                return Err(lua.argument_error(1, "interval is empty"));
            }
            (r * f64::from(upper)).floor() + 1.0
        }
        2 => {
            let (lower, upper) = (lua.check_int(args, 1)? as i32, lua.check_int(args, 2)? as i32);
            if lower > upper {
                return Err(lua.argument_error(2, "interval is empty"));
            }
            (r * f64::from(upper.wrapping_sub(lower).wrapping_add(1))).floor() + f64::from(lower)
        }
        _ => return Err(lua.native_error("wrong number of arguments")),
    };
    lua.give(Value::Num(result));
    Ok(Flow::Done)
}

fn randomseed(lua: &mut Lua, args: Args) -> Res {
    let seed = lua.check_int(args, 1)? as i32;
    lua.seed(seed);
    Ok(Flow::Done)
}
