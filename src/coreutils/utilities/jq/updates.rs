//! Assignments, and filters that carry a state along.

use std::rc::Rc;

use super::eval::{At, Flow, Out, Runner, Scope, error};
use super::filter::{Filter, Pattern};
use super::json::Value;
use super::operators::{operate, short};
use super::paths;

impl Runner {
    /// The paths that a filter leads to.
    pub fn paths(&self, filter: &Filter, scope: &Scope, input: &Value) -> Flow<Vec<Rc<Vec<Value>>>> {
        let mut paths = Vec::new();
        let start = At { value: input.clone(), path: Some(Rc::default()) };
        self.run(filter, scope, start, &mut |at| match at.path {
            Some(path) => {
                paths.push(path);
                Ok(())
            }
            None => error(format!("Invalid path expression with result {}", short(&at.value))),
        })?;
        Ok(paths)
    }

    pub(super) fn assign(
        &self,
        operator: &str,
        (left, right): (&Filter, &Filter),
        scope: &Scope,
        input: &Value,
        out: Out,
    ) -> Flow {
        let paths = self.paths(left, scope, input)?;
        if operator == "|=" {
            let mut value = input.clone();
            let mut gone = Vec::new();
            for path in &paths {
                let old = paths::get_path(&value, path)?;
                match self.all(right, scope, &old)?.into_iter().next() {
                    Some(new) => value = paths::set_path(&value, path, new)?,
                    None => gone.push(path.clone()),
                }
            }
            return out(At::new(paths::delete_paths(&value, gone)?));
        }
        for right in self.all(right, scope, input)? {
            let mut value = input.clone();
            for path in &paths {
                let old = paths::get_path(&value, path)?;
                let new = match operator {
                    "=" => right.clone(),
                    "//=" => {
                        if old.is_true() {
                            old
                        } else {
                            right.clone()
                        }
                    }
                    operator => operate(operator.trim_end_matches('='), &old, &right)?,
                };
                value = paths::set_path(&value, path, new)?;
            }
            out(At::new(value))?;
        }
        Ok(())
    }

    pub(super) fn reduce(
        &self,
        (source, pattern, start, step): (&Filter, &Pattern, &Filter, &Filter),
        scope: &Scope,
        input: &Value,
        out: Out,
    ) -> Flow {
        let mut state = self.all(start, scope, input)?.into_iter().last().unwrap_or(Value::Null);
        for value in self.all(source, scope, input)? {
            let scope = self.matched(pattern, &value, scope)?;
            state = self.all(step, &scope, &state)?.into_iter().last().unwrap_or(Value::Null);
        }
        out(At::new(state))
    }

    pub(super) fn foreach(
        &self,
        (source, pattern, start, step, shown): (&Filter, &Pattern, &Filter, &Filter, &Filter),
        scope: &Scope,
        input: &Value,
        out: Out,
    ) -> Flow {
        for mut state in self.all(start, scope, input)? {
            for value in self.all(source, scope, input)? {
                let scope = self.matched(pattern, &value, scope)?;
                for next in self.all(step, &scope, &state)? {
                    state = next.clone();
                    self.run(shown, &scope, At::new(next), out)?;
                }
            }
        }
        Ok(())
    }
}
