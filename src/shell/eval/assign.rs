//! Assignments.

use crate::shell::{Eval, Shell};
use crate::syntax::ast::{Assign, AssignValue};
use crate::syntax::print;

impl Shell {
    /// Does an assignment in this shell.
    pub(super) async fn assign(&mut self, assign: &Assign) -> Eval<()> {
        let result = match &assign.value {
            AssignValue::Array(items) => {
                let elements = self.expand_array(items).await?;
                if self.settings.is_set("xtrace") {
                    self.trace(&print::assignment(assign)).await;
                }
                self.assign_array(&assign.name, elements, assign.append)
            }
            AssignValue::Scalar(word) => {
                let value = self.expand_assigned(word).await?;
                let index = match &assign.index {
                    Some(index) => Some(self.expand_string(index).await?),
                    None => None,
                };
                if self.settings.is_set("xtrace") {
                    let index = index.as_ref().map(|index| format!("[{index}]")).unwrap_or_default();
                    let op = if assign.append { "+=" } else { "=" };
                    let shown = crate::text::quote_if_needed(&value);
                    let shown = if value.is_empty() { String::new() } else { shown };
                    self.trace(&format!("{}{index}{op}{shown}", assign.name)).await;
                }
                self.assign_scalar(&assign.name, index.as_deref(), value, assign.append)
            }
        };
        match result {
            Ok(()) => Ok(()),
            Err(message) => {
                let message = match self.flavour {
                    crate::Flavour::Bash => message,
                    _ => message.replace("readonly variable", "is read only"),
                };
                Err(self.expansion_error(message).await)
            }
        }
    }

    /// Assigns or appends text; `declare -i` adds.
    pub fn assign_scalar(
        &mut self,
        name: &str,
        index: Option<&str>,
        value: String,
        append: bool,
    ) -> Result<(), String> {
        if !append {
            return self.assign_text(name, index, value);
        }
        let old = match index {
            Some(index) => self.element(name, index)?,
            None => self.lookup_text(name),
        };
        let old = old.unwrap_or_default();
        let integer = self.vars.get(name).is_some_and(|var| var.integer);
        let joined = if integer && !old.is_empty() { format!("{old}+({value})") } else { old + &value };
        self.assign_text(name, index, joined)
    }

    /// The value that an assignment before a command gives a variable.
    pub(super) async fn temporary(&mut self, assign: &Assign) -> Eval<(String, String)> {
        let value = match &assign.value {
            AssignValue::Scalar(word) => self.expand_assigned(word).await?,
            AssignValue::Array(_) => {
                print::assignment(assign).split_once('=').map(|(_, v)| v.to_string()).unwrap_or_default()
            }
        };
        let value = match assign.append {
            true => self.lookup_text(&assign.name).unwrap_or_default() + &value,
            false => value,
        };
        Ok((assign.name.clone(), value))
    }
}
