//! jq's functions, and what operators do with values.

use std::rc::Rc;

use super::eval::{At, Flow, Out, Runner, Scope, Stop, error};
use super::filter::Filter;
use super::json::{Reader, Style, Value, quoted, write};
use super::operators::{named, operate, put};
use super::paths::{delete_paths, get_path, index, set_path};
use super::strings;

fn items_of(value: &Value) -> Flow<&Rc<Vec<Value>>> {
    match value {
        Value::List(items) => Ok(items),
        other => error(format!("Cannot iterate over {}", named(other))),
    }
}

/// Items with the keys that a filter gives them, in order of those.
fn keyed(runner: &Runner, by: &Filter, scope: &Scope, input: &Value) -> Flow<Vec<(Value, Value)>> {
    let Value::List(items) = input else {
        return error(format!("{} cannot be sorted, as it is not an array", named(input)));
    };
    let mut keyed = Vec::new();
    for item in items.iter() {
        keyed.push((Value::list(runner.all(by, scope, item)?), item.clone()));
    }
    keyed.sort_by(|a, b| a.0.order(&b.0));
    Ok(keyed)
}

fn grouped(keyed: Vec<(Value, Value)>) -> Vec<Vec<Value>> {
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for (key, item) in keyed {
        match groups.last_mut() {
            Some((last, group)) if *last == key => group.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Calls a function that is not defined in the filter itself.
pub fn call(runner: &Runner, name: &str, arguments: &[Rc<Filter>], scope: &Scope, input: At, out: Out) -> Flow {
    if arguments.is_empty()
        && let Some(result) = plain(runner, name, &input.value)
    {
        return out(At::new(result?));
    }
    match (name, arguments) {
        ("empty", []) => Ok(()),
        ("error", []) => Err(Stop::Error(input.value)),
        ("recurse", []) => runner.run(&Filter::Descend, scope, input, out),
        ("not", []) => out(At::new(Value::Bool(!input.value.is_true()))),
        ("first" | "last", []) => {
            let at = Value::Number(if name == "first" { 0.0 } else { -1.0 });
            let value = index(&input.value, &at)?;
            out(input.below(at, value))
        }
        ("inputs", []) => {
            while let Some(value) = runner.inputs.borrow_mut().pop_front() {
                out(At::new(value))?;
            }
            Ok(())
        }
        (
            "values" | "nulls" | "booleans" | "numbers" | "strings" | "arrays" | "objects" | "iterables" | "scalars",
            [],
        ) => {
            let kind = input.value.kind();
            let wanted = match name {
                "values" => kind != "null",
                "iterables" => matches!(kind, "array" | "object"),
                "scalars" => !matches!(kind, "array" | "object"),
                name => name.trim_end_matches('s') == kind,
            };
            if wanted { out(input) } else { Ok(()) }
        }
        ("paths", []) => {
            let start = At { value: input.value, path: Some(Rc::default()) };
            runner.run(&Filter::Descend, scope, start, &mut |at| match at.path {
                Some(path) if !path.is_empty() => out(At::new(Value::List(path))),
                _ => Ok(()),
            })
        }
        (_, []) => undefined(name, arguments),
        _ => with_filters(runner, name, arguments, scope, input, out),
    }
}

fn undefined(name: &str, arguments: &[Rc<Filter>]) -> Flow {
    error(format!("{name}/{} is not defined", arguments.len()))
}

/// Functions that run the filters they are given.
fn with_filters(runner: &Runner, name: &str, arguments: &[Rc<Filter>], scope: &Scope, input: At, out: Out) -> Flow {
    let value = At::new;
    match (name, arguments) {
        ("select", [test]) => {
            for found in runner.all(test, scope, &input.value)? {
                if found.is_true() {
                    out(input.clone())?;
                }
            }
            Ok(())
        }
        ("map", [body]) => out(value(Value::list(
            items_of(&input.value)?
                .iter()
                .map(|item| runner.all(body, scope, item))
                .collect::<Flow<Vec<_>>>()?
                .concat(),
        ))),
        ("recurse", [body]) => recurse(runner, body, scope, input, out),
        ("path", [body]) => {
            runner.paths(body, scope, &input.value)?.into_iter().try_for_each(|path| out(value(Value::List(path))))
        }
        ("del", [body]) => out(value(delete_paths(&input.value, runner.paths(body, scope, &input.value)?)?)),
        ("to_entries" | "from_entries", _) => undefined(name, arguments),
        ("map_values", [body]) => {
            let each = Filter::Each(Rc::new(Filter::Identity));
            runner.run(&Filter::Binary("|=", Rc::new(each), body.clone()), scope, input, out)
        }
        ("with_entries", [body]) => {
            let entries = plain(runner, "to_entries", &input.value).unwrap_or(Ok(Value::Null))?;
            let changed = items_of(&entries)?.iter().map(|item| runner.all(body, scope, item));
            let changed = Value::list(changed.collect::<Flow<Vec<_>>>()?.concat());
            out(value(plain(runner, "from_entries", &changed).unwrap_or(Ok(Value::Null))?))
        }
        ("first", [body]) => limit(runner, 1, body, scope, input, out),
        ("limit", [count, body]) => {
            for count in runner.all(count, scope, &input.value)? {
                let Value::Number(count) = count else { return error("Invalid limit: not a number") };
                limit(runner, count.max(0.0) as u64, body, scope, input.clone(), out)?;
            }
            Ok(())
        }
        ("last", [body]) => runner.all(body, scope, &input.value)?.pop().map_or(Ok(()), |last| out(value(last))),
        ("until" | "while", [test, step]) => repeat(runner, name == "while", (test, step), scope, input.value, out),
        _ => of_items(runner, name, arguments, scope, input, out),
    }
}

/// Functions of all items of a list.
fn of_items(runner: &Runner, name: &str, arguments: &[Rc<Filter>], scope: &Scope, input: At, out: Out) -> Flow {
    let value = At::new;
    match (name, arguments) {
        ("any" | "all", [body]) => {
            let mut found = Vec::new();
            for item in items_of(&input.value)?.iter() {
                found.extend(runner.all(body, scope, item)?);
            }
            let any = name == "any";
            out(value(Value::Bool(found.iter().any(|item| item.is_true() == any) == any)))
        }
        ("sort_by", [by]) => {
            let sorted = keyed(runner, by, scope, &input.value)?;
            out(value(Value::list(sorted.into_iter().map(|(_, item)| item).collect())))
        }
        ("group_by", [by]) => {
            let groups = grouped(keyed(runner, by, scope, &input.value)?);
            out(value(Value::list(groups.into_iter().map(Value::list).collect())))
        }
        ("unique_by", [by]) => {
            let groups = grouped(keyed(runner, by, scope, &input.value)?);
            out(value(Value::list(groups.into_iter().filter_map(|group| group.into_iter().next()).collect())))
        }
        ("min_by" | "max_by", [by]) => {
            let mut sorted = keyed(runner, by, scope, &input.value)?;
            let at = if name == "min_by" { 0 } else { sorted.len().saturating_sub(1) };
            let found = if sorted.is_empty() { Value::Null } else { sorted.swap_remove(at).1 };
            out(value(found))
        }
        _ => of_places(runner, name, arguments, scope, input, out),
    }
}

/// Functions of places and texts.
fn of_places(runner: &Runner, name: &str, arguments: &[Rc<Filter>], scope: &Scope, input: At, out: Out) -> Flow {
    let value = At::new;
    match (name, arguments) {
        ("range", [..]) => range(runner, arguments, scope, &input.value, out),
        ("getpath", [path]) => {
            for path in runner.all(path, scope, &input.value)? {
                let Value::List(keys) = &path else { return error("Path must be specified as an array") };
                let found = get_path(&input.value, keys)?;
                let whole = input.path.as_ref().map(|start| Rc::new([start.as_slice(), keys.as_slice()].concat()));
                out(At { value: found, path: whole })?;
            }
            Ok(())
        }
        ("walk", [body]) => out(value(walk(runner, body, scope, &input.value)?)),
        ("isempty", [body]) => {
            let empty = runner.all(body, scope, &input.value)?.is_empty();
            out(value(Value::Bool(empty)))
        }
        ("sub" | "gsub", [pattern, with, flags @ ..]) if flags.len() < 2 => {
            let pattern = runner.all(pattern, scope, &input.value)?.pop().unwrap_or(Value::Null);
            let flags = match flags.first() {
                Some(flags) => runner.all(flags, scope, &input.value)?.pop().unwrap_or(Value::Null),
                None => Value::Null,
            };
            // The replacement sees what was captured.
            let text = strings::substitute(&input.value, &pattern, &flags, name == "gsub", |captured| {
                match runner.all(with, scope, captured)?.into_iter().next() {
                    Some(Value::Text(text)) => Ok(text.to_string()),
                    Some(other) => error(format!("{} cannot be added to a string", named(&other))),
                    None => Ok(String::new()),
                }
            })?;
            out(value(Value::text(text)))
        }
        _ => with_values(runner, name, arguments, scope, &input.value, out),
    }
}

/// Changes what is inside first, then the value itself.
fn walk(runner: &Runner, body: &Filter, scope: &Scope, value: &Value) -> Flow<Value> {
    runner.step()?;
    let changed = match value {
        Value::List(items) => {
            Value::list(items.iter().map(|item| walk(runner, body, scope, item)).collect::<Flow<Vec<_>>>()?)
        }
        Value::Map(items) => {
            let changed = items.iter().map(|(key, item)| Ok((key.clone(), walk(runner, body, scope, item)?)));
            Value::map(changed.collect::<Flow<Vec<_>>>()?)
        }
        other => other.clone(),
    };
    Ok(runner.all(body, scope, &changed)?.into_iter().next().unwrap_or(Value::Null))
}

fn recurse(runner: &Runner, body: &Filter, scope: &Scope, input: At, out: Out) -> Flow {
    let mut stack = vec![input];
    while let Some(at) = stack.pop() {
        runner.step()?;
        let mut next = Vec::new();
        out(at.clone())?;
        runner.run(body, scope, at, &mut |at| {
            next.push(at);
            Ok(())
        })?;
        stack.extend(next.into_iter().rev());
    }
    Ok(())
}

fn limit(runner: &Runner, count: u64, body: &Filter, scope: &Scope, input: At, out: Out) -> Flow {
    if count == 0 {
        return Ok(());
    }
    let (label, mut left) = (runner.label(), count);
    let result = runner.run(body, scope, input, &mut |at| {
        left -= 1;
        out(at)?;
        if left == 0 { Err(Stop::Enough(label)) } else { Ok(()) }
    });
    match result {
        Err(Stop::Enough(at)) if at == label => Ok(()),
        result => result,
    }
}

fn repeat(
    runner: &Runner,
    shows: bool,
    (test, step): (&Filter, &Filter),
    scope: &Scope,
    mut value: Value,
    out: Out,
) -> Flow {
    loop {
        runner.step()?;
        let holds = runner.all(test, scope, &value)?.first().is_some_and(Value::is_true);
        if holds != shows {
            return if shows { Ok(()) } else { out(At::new(value)) };
        }
        if shows {
            out(At::new(value.clone()))?;
        }
        let Some(next) = runner.all(step, scope, &value)?.into_iter().next() else { return Ok(()) };
        value = next;
    }
}

fn range(runner: &Runner, arguments: &[Rc<Filter>], scope: &Scope, input: &Value, out: Out) -> Flow {
    let mut numbers = Vec::new();
    for argument in arguments {
        match runner.all(argument, scope, input)?.first() {
            Some(Value::Number(n)) => numbers.push(*n),
            _ => return error("Range bounds must be numeric"),
        }
    }
    let (from, to, by) = match numbers[..] {
        [to] => (0.0, to, 1.0),
        [from, to] => (from, to, 1.0),
        [from, to, by] => (from, to, by),
        _ => return undefined("range", arguments),
    };
    let mut n = from;
    while (by > 0.0 && n < to) || (by < 0.0 && n > to) {
        runner.step()?;
        out(At::new(Value::Number(n)))?;
        n += by;
    }
    Ok(())
}

/// Functions of values: each combination of what the arguments give.
fn with_values(runner: &Runner, name: &str, arguments: &[Rc<Filter>], scope: &Scope, input: &Value, out: Out) -> Flow {
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for argument in arguments {
        let values = runner.all(argument, scope, input)?;
        rows = rows
            .iter()
            .flat_map(|row| values.iter().map(|value| [row.as_slice(), std::slice::from_ref(value)].concat()))
            .collect();
    }
    for row in rows {
        match (name, row.as_slice()) {
            ("error", [value]) => return Err(Stop::Error(value.clone())),
            (name, row) => match of_values(name, input, row) {
                Some(results) => results?.into_iter().try_for_each(|value| out(At::new(value)))?,
                None => return undefined(name, arguments),
            },
        }
    }
    Ok(())
}

fn of_values(name: &str, input: &Value, row: &[Value]) -> Option<Flow<Vec<Value>>> {
    let one = |value: Flow<Value>| Some(value.map(|value| vec![value]));
    match (name, row) {
        ("has", [key]) => one(match (input, key) {
            (Value::Map(_), Value::Text(key)) => Ok(Value::Bool(input.get(key).is_some())),
            (Value::List(items), Value::Number(at)) => Ok(Value::Bool(*at >= 0.0 && (*at as usize) < items.len())),
            _ => error(format!("Cannot check whether {} has a {} key", input.kind(), key.kind())),
        }),
        ("in", [of]) => of_values("has", of, std::slice::from_ref(input)),
        ("contains", [part]) => one(strings::contains(input, part).map(Value::Bool)),
        ("inside", [whole]) => one(strings::contains(whole, input).map(Value::Bool)),
        ("setpath", [Value::List(path), new]) => one(set_path(input, path, new.clone())),
        ("delpaths", [Value::List(paths)]) => {
            let paths =
                paths.iter().filter_map(|path| if let Value::List(path) = path { Some(path.clone()) } else { None });
            one(delete_paths(input, paths.collect()))
        }
        ("flatten", [Value::Number(depth)]) => one(items_of(input).map(|items| Value::list(flat(items, *depth)))),
        ("tojson", []) => one(Ok(Value::text(write(input, Style::default())))),
        (name, row) => strings::of_values(name, input, row),
    }
}

fn flat(items: &[Value], depth: f64) -> Vec<Value> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Value::List(inner) if depth > 0.0 => out.extend(flat(inner, depth - 1.0)),
            item => out.push(item.clone()),
        }
    }
    out
}

/// Functions without arguments that make one value of another; `None` for other names.
fn plain(runner: &Runner, name: &str, input: &Value) -> Option<Flow<Value>> {
    let numeric = |f: fn(f64) -> f64| match input {
        Value::Number(n) => Ok(Value::Number(f(*n))),
        other => error(format!("{} number required", named(other))),
    };
    Some(match name {
        "length" => length(input),
        "utf8bytelength" => match input {
            Value::Text(text) => Ok(Value::Number(text.len() as f64)),
            other => error(format!("{} only strings have UTF-8 byte length", named(other))),
        },
        "keys" | "keys_unsorted" => match input {
            Value::Map(items) => {
                let items = if name == "keys" { Value::sorted(items) } else { items.to_vec() };
                Ok(Value::list(items.into_iter().map(|(key, _)| Value::Text(key)).collect()))
            }
            Value::List(items) => Ok(Value::list((0..items.len()).map(|at| Value::Number(at as f64)).collect())),
            other => error(format!("{} has no keys", named(other))),
        },
        "type" => Ok(Value::text(input.kind())),
        "floor" => numeric(f64::floor),
        "ceil" => numeric(f64::ceil),
        "round" => numeric(f64::round),
        "fabs" => numeric(f64::abs),
        "sqrt" => numeric(f64::sqrt),
        "tostring" => Ok(match input {
            Value::Text(_) => input.clone(),
            other => Value::text(write(other, Style::default())),
        }),
        "tojson" => Ok(Value::text(write(input, Style::default()))),
        "fromjson" => match input {
            Value::Text(text) => match Reader::new(text).next() {
                Some(Ok(value)) => Ok(value),
                Some(Err(problem)) => error(format!("{problem} (while parsing '{text}')")),
                None => Ok(Value::Null),
            },
            other => error(format!("{} cannot be parsed as JSON", named(other))),
        },
        "tonumber" => match input {
            Value::Number(_) => Ok(input.clone()),
            Value::Text(text) => match text.trim().parse() {
                Ok(n) => Ok(Value::Number(n)),
                Err(_) => error(format!("Cannot parse {} as JSON", quoted(text))),
            },
            other => error(format!("{} cannot be parsed as a number", named(other))),
        },
        _ => return of_list(runner, name, input),
    })
}

/// The same, of lists and objects.
fn of_list(runner: &Runner, name: &str, input: &Value) -> Option<Flow<Value>> {
    let sorted = || match input {
        Value::List(items) => {
            let mut items = items.to_vec();
            items.sort_by(Value::order);
            Ok(items)
        }
        other => error(format!("{} cannot be sorted, as it is not an array", named(other))),
    };
    Some(match name {
        "add" => items_of_any(input)
            .and_then(|items| items.iter().try_fold(Value::Null, |sum, item| operate("+", &sum, item))),
        "any" => items_of(input).map(|items| Value::Bool(items.iter().any(Value::is_true))),
        "all" => items_of(input).map(|items| Value::Bool(items.iter().all(Value::is_true))),
        "sort" => sorted().map(Value::list),
        "unique" => sorted().map(|mut items| {
            items.dedup();
            Value::list(items)
        }),
        "min" => sorted().map(|items| items.first().cloned().unwrap_or(Value::Null)),
        "max" => sorted().map(|items| items.last().cloned().unwrap_or(Value::Null)),
        "reverse" => match input {
            Value::List(items) => Ok(Value::list(items.iter().rev().cloned().collect())),
            Value::Text(text) => Ok(Value::text(text.chars().rev().collect::<String>())),
            Value::Null => Ok(Value::list(Vec::new())),
            other => error(format!("Cannot reverse {}", named(other))),
        },
        "flatten" => items_of(input).map(|items| Value::list(flat(items, f64::INFINITY))),
        "to_entries" => match input {
            Value::Map(items) => Ok(Value::list(
                items
                    .iter()
                    .map(|(key, value)| {
                        Value::map(vec![("key".into(), Value::Text(key.clone())), ("value".into(), value.clone())])
                    })
                    .collect(),
            )),
            other => error(format!("{} has no keys", named(other))),
        },
        "from_entries" => from_entries(input),
        "env" => Ok(runner.environment.clone()),
        "input" => match runner.inputs.borrow_mut().pop_front() {
            Some(value) => Ok(value),
            None => error("break"),
        },
        "now" => Ok(Value::Number(runner.now)),
        "nan" => Ok(Value::Number(f64::NAN)),
        "infinite" => Ok(Value::Number(f64::INFINITY)),
        name => return strings::plain(name, input),
    })
}

fn items_of_any(value: &Value) -> Flow<Vec<Value>> {
    match value {
        Value::List(items) => Ok(items.to_vec()),
        Value::Map(items) => Ok(items.iter().map(|(_, item)| item.clone()).collect()),
        other => error(format!("Cannot iterate over {}", named(other))),
    }
}

fn length(input: &Value) -> Flow<Value> {
    Ok(Value::Number(match input {
        Value::Null => 0.0,
        Value::Bool(_) => return error(format!("{} has no length", named(input))),
        Value::Number(n) => n.abs(),
        Value::Text(text) => text.chars().count() as f64,
        Value::List(items) => items.len() as f64,
        Value::Map(items) => items.len() as f64,
    }))
}

fn from_entries(input: &Value) -> Flow<Value> {
    let mut items = Vec::new();
    for entry in items_of(input)?.iter() {
        let field = |names: &[&str]| names.iter().find_map(|name| entry.get(name).cloned());
        let key = field(&["key", "k", "name", "Name", "K", "Key"]).unwrap_or(Value::Null);
        let key: Rc<str> = match key {
            Value::Text(key) => key,
            other => write(&other, Style::default()).into(),
        };
        put(&mut items, &key, field(&["value", "v", "Value", "V"]).unwrap_or(Value::Null));
    }
    Ok(Value::map(items))
}
