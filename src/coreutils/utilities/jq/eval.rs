//! Running a filter: each result goes to who asked for it, one after the other.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::filter::{Definition, Filter, Pattern, Piece};
use super::functions;
use super::json::Value;
use super::operators::{named, operate, put};
use super::paths;

/// Steps that one run may take: no filter runs for ever.
const STEPS: u64 = 3_000_000;
/// Filters inside each other while they run: the stack of the page's module is small.
const DEEPEST: u32 = 200;

/// Why a filter ends early.
pub enum Stop {
    /// An error, with its value.
    Error(Value),
    /// Enough results were taken by that `limit` or `first`.
    Enough(u64),
}

/// How a piece of work ended.
pub type Flow<T = ()> = Result<T, Stop>;

/// An error with a text.
pub fn error<T>(text: impl AsRef<str>) -> Flow<T> {
    Err(Stop::Error(Value::text(text)))
}

/// A result: a value, and where it lies in the input if that is asked for.
#[derive(Clone)]
pub struct At {
    /// The value.
    pub value: Value,
    /// Keys and numbers from the input to it.
    pub path: Option<Rc<Vec<Value>>>,
}

impl At {
    /// A value that lies nowhere.
    pub fn new(value: Value) -> At {
        At { value, path: None }
    }

    /// What lies below this one under a key.
    pub fn below(&self, key: Value, value: Value) -> At {
        let path = self.path.as_ref().map(|path| {
            let mut path = path.to_vec();
            path.push(key);
            Rc::new(path)
        });
        At { value, path }
    }
}

/// Who takes results.
pub type Out<'a> = &'a mut dyn FnMut(At) -> Flow;

/// What names stand for, innermost first.
pub type Scope = Option<Rc<Frame>>;

/// A name and what is around it.
pub struct Frame {
    binding: Binding,
    parent: Scope,
}

enum Binding {
    Variable(Rc<str>, Value),
    Function(Rc<Definition>),
    /// A filter that was given to a function, with its own surroundings.
    Closure(Rc<str>, Rc<Filter>, Scope),
}

/// A scope with one variable more.
pub fn bind(scope: &Scope, name: &str, value: Value) -> Scope {
    Some(Rc::new(Frame { binding: Binding::Variable(name.into(), value), parent: scope.clone() }))
}

/// Runs filters.
pub struct Runner {
    steps: Cell<u64>,
    depth: Cell<u32>,
    labels: Cell<u64>,
    /// What `input` takes.
    pub inputs: RefCell<VecDeque<Value>>,
    /// `$ENV`.
    pub environment: Value,
    /// Seconds since 1970.
    pub now: f64,
}

impl Runner {
    /// One that has not run yet.
    pub fn new(environment: Value, now: f64) -> Runner {
        Runner {
            steps: Cell::new(0),
            depth: Cell::new(0),
            labels: Cell::new(0),
            inputs: RefCell::default(),
            environment,
            now,
        }
    }

    /// Steps taken since the last time.
    pub fn take_steps(&self) -> u64 {
        self.steps.take()
    }

    /// Counts a step.
    pub fn step(&self) -> Flow {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > STEPS { error("drydock: so long a computation is not emulated here") } else { Ok(()) }
    }

    /// A mark for `limit` to stop at.
    pub fn label(&self) -> u64 {
        self.labels.set(self.labels.get() + 1);
        self.labels.get()
    }

    /// Runs a filter on an input.
    pub fn run(&self, filter: &Filter, scope: &Scope, input: At, out: Out) -> Flow {
        self.step()?;
        if self.depth.get() >= DEEPEST {
            return error("drydock: so deep a recursion is not emulated here");
        }
        self.depth.set(self.depth.get() + 1);
        let result = self.run_inside(filter, scope, input, out);
        self.depth.set(self.depth.get() - 1);
        result
    }

    /// All results of a filter, as values.
    pub fn all(&self, filter: &Filter, scope: &Scope, input: &Value) -> Flow<Vec<Value>> {
        let mut values = Vec::new();
        self.run(filter, scope, At::new(input.clone()), &mut |at| {
            values.push(at.value);
            Ok(())
        })?;
        Ok(values)
    }

    fn run_inside(&self, filter: &Filter, scope: &Scope, input: At, out: Out) -> Flow {
        match filter {
            Filter::Identity => out(input),
            Filter::Descend => self.descend(input, out),
            Filter::Literal(value) => out(At::new(value.clone())),
            Filter::Text(format, pieces) => {
                self.text(format.as_deref(), pieces, scope, &input.value, String::new(), out)
            }
            Filter::Format(name) => out(At::new(Value::text(super::strings::format(name, &input.value)?))),
            Filter::Variable(name) => out(At::new(self.variable(name, scope)?)),
            Filter::Index(of, key) => {
                for key in self.all(key, scope, &input.value)? {
                    self.run(of, scope, input.clone(), &mut |at| {
                        let value = paths::index(&at.value, &key)?;
                        out(at.below(key.clone(), value))
                    })?;
                }
                Ok(())
            }
            Filter::Slice(of, from, to) => self.slice(of, (from.as_deref(), to.as_deref()), scope, input, out),
            Filter::Each(of) => self.run(of, scope, input, &mut |at| self.each(&at, out)),
            Filter::Try(body, other) => self.attempt(body, other.as_deref(), scope, input, out),
            Filter::List(None) => out(At::new(Value::list(Vec::new()))),
            Filter::List(Some(items)) => out(At::new(Value::list(self.all(items, scope, &input.value)?))),
            Filter::Map(items) => self.map(items, scope, &input.value, Vec::new(), out),
            Filter::Negate(of) => self.run(of, scope, input, &mut |at| match at.value {
                Value::Number(n) => out(At::new(Value::Number(-n))),
                other => error(format!("{} cannot be negated", named(&other))),
            }),
            Filter::Pipe(first, then) => self.run(first, scope, input, &mut |at| self.run(then, scope, at, out)),
            Filter::Bind(source, pattern, body) => {
                for value in self.all(source, scope, &input.value)? {
                    self.run(body, &self.matched(pattern, &value, scope)?, input.clone(), out)?;
                }
                Ok(())
            }
            Filter::Comma(first, then) => {
                self.run(first, scope, input.clone(), out)?;
                self.run(then, scope, input, out)
            }
            Filter::Binary(operator, left, right) => self.binary(operator, (left, right), scope, input, out),
            Filter::If(condition, then, otherwise) => {
                for value in self.all(condition, scope, &input.value)? {
                    let branch = if value.is_true() { then } else { otherwise };
                    self.run(branch, scope, input.clone(), out)?;
                }
                Ok(())
            }
            Filter::Reduce(source, pattern, start, step) => {
                self.reduce((source, pattern, start, step), scope, &input.value, out)
            }
            Filter::Foreach(source, pattern, start, step, shown) => {
                self.foreach((source, pattern, start, step, shown), scope, &input.value, out)
            }
            Filter::Define(definition, body) => {
                let frame = Frame { binding: Binding::Function(definition.clone()), parent: scope.clone() };
                self.run(body, &Some(Rc::new(frame)), input, out)
            }
            Filter::Call(name, arguments) => self.call(name, arguments, scope, input, out),
        }
    }

    /// The value and everything in it.
    fn descend(&self, input: At, out: Out) -> Flow {
        let mut stack = vec![input];
        while let Some(at) = stack.pop() {
            self.step()?;
            let mut below = Vec::new();
            if matches!(at.value, Value::List(_) | Value::Map(_)) {
                self.each(&at, &mut |at| {
                    below.push(at);
                    Ok(())
                })?;
            }
            out(at)?;
            stack.extend(below.into_iter().rev());
        }
        Ok(())
    }

    /// `.[]`.
    pub fn each(&self, at: &At, out: Out) -> Flow {
        match &at.value {
            Value::List(items) => {
                for (nth, item) in items.iter().enumerate() {
                    out(at.below(Value::Number(nth as f64), item.clone()))?;
                }
                Ok(())
            }
            Value::Map(items) => {
                for (key, item) in items.iter() {
                    out(at.below(Value::Text(key.clone()), item.clone()))?;
                }
                Ok(())
            }
            other => error(format!("Cannot iterate over {}", named(other))),
        }
    }

    fn text(
        &self,
        format: Option<&str>,
        pieces: &[Piece],
        scope: &Scope,
        input: &Value,
        done: String,
        out: Out,
    ) -> Flow {
        let Some((first, rest)) = pieces.split_first() else { return out(At::new(Value::text(done))) };
        match first {
            Piece::Plain(text) => self.text(format, rest, scope, input, done + text, out),
            Piece::Filter(filter) => {
                for value in self.all(filter, scope, input)? {
                    let text = super::strings::format(format.unwrap_or("text"), &value)?;
                    self.text(format, rest, scope, input, format!("{done}{text}"), out)?;
                }
                Ok(())
            }
        }
    }

    fn variable(&self, name: &str, scope: &Scope) -> Flow<Value> {
        let mut frame = scope.as_ref();
        while let Some(Frame { binding, parent }) = frame.map(|frame| &**frame) {
            if let Binding::Variable(known, value) = binding
                && **known == *name
            {
                return Ok(value.clone());
            }
            frame = parent.as_ref();
        }
        match name {
            "ENV" => Ok(self.environment.clone()),
            "__prog_args" => Ok(Value::Null),
            _ => error(format!("${name} is not defined")),
        }
    }

    fn slice(
        &self,
        of: &Filter,
        (from, to): (Option<&Filter>, Option<&Filter>),
        scope: &Scope,
        input: At,
        out: Out,
    ) -> Flow {
        let ends = |end: Option<&Filter>| match end {
            Some(end) => self.all(end, scope, &input.value),
            None => Ok(vec![Value::Null]),
        };
        let (froms, tos) = (ends(from)?, ends(to)?);
        for to in &tos {
            for from in &froms {
                self.run(of, scope, input.clone(), &mut |at| {
                    let value = paths::slice(&at.value, from, to)?;
                    let key = Value::map(vec![("start".into(), from.clone()), ("end".into(), to.clone())]);
                    out(at.below(key, value))
                })?;
            }
        }
        Ok(())
    }

    fn attempt(&self, body: &Filter, other: Option<&Filter>, scope: &Scope, input: At, out: Out) -> Flow {
        // An error behind the `try` is not its own.
        let mut behind = false;
        let result = self.run(body, scope, input, &mut |at| {
            let result = out(at);
            behind |= result.is_err();
            result
        });
        match result {
            Err(Stop::Error(value)) if !behind => match other {
                Some(other) => self.run(other, scope, At::new(value), out),
                None => Ok(()),
            },
            result => result,
        }
    }

    fn map(
        &self,
        items: &[(Filter, Filter)],
        scope: &Scope,
        input: &Value,
        done: Vec<(Rc<str>, Value)>,
        out: Out,
    ) -> Flow {
        let Some(((key, value), rest)) = items.split_first() else { return out(At::new(Value::map(done))) };
        for key in self.all(key, scope, input)? {
            let Value::Text(key) = key else {
                return error(format!("Object keys must be strings, not {}", named(&key)));
            };
            for value in self.all(value, scope, input)? {
                let mut done = done.clone();
                put(&mut done, &key, value);
                self.map(rest, scope, input, done, out)?;
            }
        }
        Ok(())
    }

    pub(super) fn matched(&self, pattern: &Pattern, value: &Value, scope: &Scope) -> Flow<Scope> {
        match pattern {
            Pattern::Name(name) => Ok(bind(scope, name, value.clone())),
            Pattern::List(items) => {
                let mut scope = scope.clone();
                for (at, item) in items.iter().enumerate() {
                    let part = paths::index(value, &Value::Number(at as f64))?;
                    scope = self.matched(item, &part, &scope)?;
                }
                Ok(scope)
            }
            Pattern::Map(items) => {
                let mut scope = scope.clone();
                for (key, item) in items {
                    let part = paths::index(value, &Value::Text(key.clone()))?;
                    scope = self.matched(item, &part, &scope)?;
                }
                Ok(scope)
            }
        }
    }

    fn binary(&self, operator: &str, (left, right): (&Filter, &Filter), scope: &Scope, input: At, out: Out) -> Flow {
        match operator {
            "and" | "or" => {
                let decided = operator == "or";
                for value in self.all(left, scope, &input.value)? {
                    if value.is_true() == decided {
                        out(At::new(Value::Bool(decided)))?;
                        continue;
                    }
                    for value in self.all(right, scope, &input.value)? {
                        out(At::new(Value::Bool(value.is_true())))?;
                    }
                }
                Ok(())
            }
            "//" => {
                let mut found = Vec::new();
                let result = self.run(left, scope, input.clone(), &mut |at| {
                    if at.value.is_true() {
                        found.push(at);
                    }
                    Ok(())
                });
                // Errors on the left side only end it.
                if let Err(Stop::Enough(label)) = result {
                    return Err(Stop::Enough(label));
                }
                if found.is_empty() {
                    return self.run(right, scope, input, out);
                }
                found.into_iter().try_for_each(out)
            }
            "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=" => {
                self.assign(operator, (left, right), scope, &input.value, out)
            }
            _ => {
                for right in self.all(right, scope, &input.value)? {
                    for left in self.all(left, scope, &input.value)? {
                        out(At::new(operate(operator, &left, &right)?))?;
                    }
                }
                Ok(())
            }
        }
    }

    fn call(&self, name: &Rc<str>, arguments: &[Rc<Filter>], scope: &Scope, input: At, out: Out) -> Flow {
        let mut frame = scope.as_ref();
        while let Some(here) = frame {
            match &here.binding {
                Binding::Closure(known, filter, around) if known == name && arguments.is_empty() => {
                    return self.run(filter, around, input, out);
                }
                Binding::Function(definition)
                    if definition.name == *name && definition.parameters.len() == arguments.len() =>
                {
                    // It sees itself, and what stands around its definition.
                    return self.enter(definition, arguments, scope, Some(here.clone()), input, out);
                }
                _ => frame = here.parent.as_ref(),
            }
        }
        functions::call(self, name, arguments, scope, input, out)
    }

    fn enter(
        &self,
        definition: &Definition,
        arguments: &[Rc<Filter>],
        outside: &Scope,
        mut inside: Scope,
        input: At,
        out: Out,
    ) -> Flow {
        for (parameter, argument) in definition.parameters.iter().zip(arguments) {
            if let Some(name) = parameter.strip_prefix('$') {
                let value = self.all(argument, outside, &input.value)?.into_iter().last().unwrap_or(Value::Null);
                inside = bind(&inside, name, value);
                continue;
            }
            let binding = Binding::Closure(parameter.clone(), argument.clone(), outside.clone());
            inside = Some(Rc::new(Frame { binding, parent: inside }));
        }
        self.run(&definition.body, &inside, input, out)
    }
}
