//! Execution.

use std::borrow::Cow;

use serde_json::Value;

use super::fields;
use super::funcs;
use super::parser::{Command, Kind, Node, Operand, Pipeline};
use super::print;
use super::value::{Mode, NO_VALUE, Val, truth};

/// Nodes executed before a template is refused.
const BUDGET: usize = 1_000_000;

/// What is known of the data beyond its JSON.
pub struct Root<'a> {
    /// How objects are seen.
    pub mode: Mode,
    /// The Go type of the data, for errors.
    pub type_name: &'a str,
    /// Methods with an argument: name, argument.
    pub method: &'a dyn Fn(&str, &str) -> Option<String>,
}

impl Root<'_> {
    /// Data of a Go type, without methods.
    pub fn of(mode: Mode, type_name: &str) -> Root<'_> {
        Root { mode, type_name, method: &|_, _| None }
    }
}

enum Flow {
    Next,
    Break,
    Continue,
}

struct State<'v, 't> {
    name: &'t str,
    source: &'t str,
    root: &'t Root<'t>,
    variables: Vec<(String, Val<'v>)>,
    out: String,
    steps: usize,
}

/// Executes `nodes` on `data`.
pub fn execute(name: &str, source: &str, nodes: &[Node], data: &Value, root: &Root<'_>) -> Result<String, String> {
    let top = Val { json: Cow::Borrowed(data), map: root.mode == Mode::Raw, null: NO_VALUE };
    let variables = vec![("$".to_string(), top.clone())];
    let mut state = State { name, source, root, variables, out: String::new(), steps: 0 };
    state.list(nodes, &top)?;
    Ok(state.out)
}

impl<'v> State<'v, '_> {
    fn error(&self, at: usize, node: &str, why: &str) -> String {
        let before = self.source.get(..at).unwrap_or(self.source);
        let line = before.matches('\n').count() + 1;
        let column = before.rfind('\n').map_or(at, |n| at - n - 1);
        let name = docker_api::text_quote(self.name);
        format!("template: {}:{line}:{column}: executing {name} at <{node}>: {why}", self.name)
    }

    fn list(&mut self, nodes: &[Node], dot: &Val<'v>) -> Result<Flow, String> {
        for node in nodes {
            self.steps += 1;
            if self.steps > BUDGET {
                return Err("drydock: the template runs too long".to_string());
            }
            let flow = match node {
                Node::Text(text) => {
                    self.out.push_str(text);
                    Flow::Next
                }
                Node::Action(pipeline) => {
                    let value = self.pipeline(pipeline, dot)?;
                    if pipeline.variables.is_empty() {
                        let text = print::plain(&value, self.root.mode);
                        self.out.push_str(&text);
                    }
                    Flow::Next
                }
                Node::Branch(with, condition, then, otherwise) => {
                    let scope = self.variables.len();
                    let value = self.pipeline(condition, dot)?;
                    let flow = match (truth(&value), with) {
                        (true, true) => self.list(then, &value)?,
                        (true, false) => self.list(then, dot)?,
                        _ => self.list(otherwise, dot)?,
                    };
                    self.variables.truncate(scope);
                    flow
                }
                Node::Range(over, body, otherwise) => {
                    let scope = self.variables.len();
                    self.range(over, body, otherwise, dot)?;
                    self.variables.truncate(scope);
                    Flow::Next
                }
                Node::Break => Flow::Break,
                Node::Continue => Flow::Continue,
            };
            if !matches!(flow, Flow::Next) {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn range(&mut self, over: &Pipeline, body: &[Node], otherwise: &[Node], dot: &Val<'v>) -> Result<(), String> {
        let value = self.commands(over, dot)?;
        let items: Vec<(Value, Val<'v>)> = match &value.json {
            Cow::Borrowed(Value::Array(list)) => list
                .iter()
                .enumerate()
                .map(|(i, v)| (i.into(), Val { json: Cow::Borrowed(v), map: false, null: NO_VALUE }))
                .collect(),
            Cow::Borrowed(Value::Object(object)) => {
                let mut items: Vec<_> = object.iter().collect();
                items.sort_by_key(|(k, _)| k.as_str());
                let item = |(k, v): (&String, &'v Value)| {
                    (Value::String(k.clone()), Val { json: Cow::Borrowed(v), map: false, null: NO_VALUE })
                };
                items.into_iter().map(item).collect()
            }
            Cow::Owned(Value::Array(list)) => list
                .iter()
                .enumerate()
                .map(|(i, v)| (i.into(), Val { json: Cow::Owned(v.clone()), map: false, null: NO_VALUE }))
                .collect(),
            Cow::Owned(Value::Object(object)) => object
                .iter()
                .map(|(k, v)| {
                    (Value::String(k.clone()), Val { json: Cow::Owned(v.clone()), map: false, null: NO_VALUE })
                })
                .collect(),
            Cow::Borrowed(Value::Number(n)) => counted(n.as_u64().unwrap_or(0)),
            Cow::Owned(Value::Number(n)) => counted(n.as_u64().unwrap_or(0)),
            json if json.is_null() => Vec::new(),
            json => {
                let shown = print::plain(&Val { json: json.clone(), map: false, null: NO_VALUE }, self.root.mode);
                let node = over.commands.first().map(Command::source).unwrap_or_default();
                return Err(self.error(over.at, &node, &format!("range can't iterate over {shown}")));
            }
        };
        if items.is_empty() {
            self.list(otherwise, dot)?;
            return Ok(());
        }
        for (key, item) in items {
            let scope = self.variables.len();
            match over.variables.as_slice() {
                [] => {}
                [one] => self.variables.push((one.clone(), item.clone())),
                [first, second, ..] => {
                    self.variables.push((first.clone(), Val::owned(key)));
                    self.variables.push((second.clone(), item.clone()));
                }
            }
            let flow = self.list(body, &item)?;
            self.variables.truncate(scope);
            if matches!(flow, Flow::Break) {
                break;
            }
        }
        Ok(())
    }

    /// Evaluates a pipeline and sets its variables.
    fn pipeline(&mut self, pipeline: &Pipeline, dot: &Val<'v>) -> Result<Val<'v>, String> {
        let value = self.commands(pipeline, dot)?;
        for name in &pipeline.variables {
            let slot = self.variables.iter_mut().rev().find(|(n, _)| n == name);
            match slot {
                Some((_, old)) if !pipeline.declares => *old = value.clone(),
                _ => self.variables.push((name.clone(), value.clone())),
            }
        }
        Ok(value)
    }

    fn commands(&mut self, pipeline: &Pipeline, dot: &Val<'v>) -> Result<Val<'v>, String> {
        let mut last = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        last.ok_or_else(|| "empty pipeline".to_string())
    }

    fn command(&mut self, command: &Command, dot: &Val<'v>, last: Option<Val<'v>>) -> Result<Val<'v>, String> {
        let Some((first, rest)) = command.operands.split_first() else { return Err("empty command".into()) };
        if let (Kind::Function(name), true) = (&first.kind, first.fields.is_empty()) {
            return self.call(name, first, rest, command, dot, last);
        }
        let extra = rest.len() + usize::from(last.is_some());
        if extra == 0 {
            return self.operand(first, dot);
        }
        // A field with arguments is a method.
        if let Some(name) = first.fields.last() {
            let mut argument = match rest.first() {
                Some(operand) => self.operand(operand, dot)?,
                None => last.unwrap_or_else(|| Val::owned(Value::Null)),
            };
            argument.map = true;
            let text = print::plain(&argument, self.root.mode);
            if let Some(result) = (self.root.method)(name, &text) {
                return Ok(Val::owned(Value::String(result)));
            }
            let why = format!("{name} has arguments but cannot be invoked as function");
            return Err(self.error(first.at, &first.source(), &why));
        }
        Err(self.error(first.at, &first.source(), &format!("can't give argument to non-function {}", first.source())))
    }

    fn call(
        &mut self,
        name: &str,
        function: &Operand,
        rest: &[Operand],
        command: &Command,
        dot: &Val<'v>,
        last: Option<Val<'v>>,
    ) -> Result<Val<'v>, String> {
        let mut args = Vec::with_capacity(rest.len() + 1);
        for operand in rest {
            let value = self.operand(operand, dot)?;
            // `and` and `or` stop early.
            let decided = match name {
                "and" => !truth(&value),
                "or" => truth(&value),
                _ => false,
            };
            if decided {
                return Ok(value);
            }
            args.push(value);
        }
        args.extend(last);
        if let ("call", Some(value)) = (name, args.first()) {
            // No value of the API is a function.
            let shown = rest.first().map_or_else(|| "value".to_string(), Operand::source);
            let why = format!("error calling call: non-function {shown} of type {}", print::go_type(&value.json));
            return Err(self.error(command.at, &command.source(), &why));
        }
        match funcs::call(name, &args, self.root.mode) {
            Ok(value) => Ok(value),
            Err(funcs::Refusal::Count(why)) => Err(self.error(function.at, name, &why)),
            Err(funcs::Refusal::Value(why)) => {
                Err(self.error(command.at, &command.source(), &format!("error calling {name}: {why}")))
            }
        }
    }

    fn operand(&mut self, operand: &Operand, dot: &Val<'v>) -> Result<Val<'v>, String> {
        let mut value = match &operand.kind {
            Kind::Dot => dot.clone(),
            Kind::Nil => Val::owned(Value::Null),
            Kind::Bool(b) => Val::owned(Value::Bool(*b)),
            Kind::Number(text) => Val::owned(number(text)),
            Kind::Text(value, _) => Val::owned(Value::String(value.clone())),
            Kind::Function(name) => funcs::call(name, &[], self.root.mode).map_err(|refusal| match refusal {
                funcs::Refusal::Count(why) | funcs::Refusal::Value(why) => self.error(operand.at, name, &why),
            })?,
            Kind::Variable(name) => {
                let found = self.variables.iter().rev().find(|(n, _)| n == name);
                found.map_or_else(|| Val::owned(Value::Null), |(_, v)| v.clone())
            }
            Kind::Group(pipeline) => self.commands(pipeline, dot)?,
        };
        let at_root = matches!(&operand.kind, Kind::Dot | Kind::Variable(_));
        for (i, field) in operand.fields.iter().enumerate() {
            value = self.field(&value, field, operand, i == 0 && at_root)?;
        }
        Ok(value)
    }

    fn field(&self, value: &Val<'v>, name: &str, operand: &Operand, top: bool) -> Result<Val<'v>, String> {
        if let Some(found) = value.get(name) {
            return Ok(found);
        }
        let fail = |why: String| Err(self.error(operand.at, &operand.source(), &why));
        let raw = self.root.mode == Mode::Raw;
        if !raw
            && !value.map
            && let Some(found) = fields::json_name(name).and_then(|json| value.get(json))
        {
            return Ok(found);
        }
        match value.json.as_ref() {
            Value::Object(_) if raw => fail(format!("map has no entry for key \"{name}\"")),
            Value::Object(_) if value.map => Ok(Val::owned(Value::Null)),
            Value::Object(_) if fields::is_optional(name) => {
                Ok(Val { null: fields::missing_text(name), ..Val::owned(Value::Null) })
            }
            Value::Object(_) if top => fail(format!("can't evaluate field {name} in type {}", self.root.type_name)),
            Value::Object(_) => {
                let inner = operand.fields.iter().take_while(|f| *f != name).last();
                let kind = inner.map_or("struct", |field| fields::struct_name(field));
                fail(format!("can't evaluate field {name} in type {kind}"))
            }
            Value::Null if raw => fail(format!("nil data; no entry for key \"{name}\"")),
            Value::Null => fail(format!("nil pointer evaluating interface {{}}.{name}")),
            other => {
                let kind = if raw { "interface {}" } else { print::go_type(other) };
                fail(format!("can't evaluate field {name} in type {kind}"))
            }
        }
    }
}

fn counted<'v>(n: u64) -> Vec<(Value, Val<'v>)> {
    (0..n.min(BUDGET as u64)).map(|i| (i.into(), Val::owned(i.into()))).collect()
}

fn number(text: &str) -> Value {
    if let Ok(int) = text.parse::<i64>() {
        return int.into();
    }
    if let Some(hex) = text.strip_prefix("0x").and_then(|h| i64::from_str_radix(h, 16).ok()) {
        return hex.into();
    }
    serde_json::Number::from_f64(text.parse().unwrap_or(0.0)).map_or(Value::Null, Value::Number)
}
