//! Array literals: `( a [3]=b … )`.

use crate::shell::{Eval, Shell};
use crate::syntax::ast::{ArrayItem, Word};
use crate::vars::{Value, from_end};

/// An element of an array literal, expanded.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The subscript's text, if it has one.
    pub index: Option<String>,
    /// `[index]+=`
    pub append: bool,
    /// The value.
    pub value: String,
}

impl Shell {
    /// Expands an array literal; elements without a subscript may become several.
    pub async fn expand_array(&mut self, items: &[ArrayItem]) -> Eval<Vec<Element>> {
        let mut elements = Vec::new();
        for item in items {
            match &item.index {
                Some(index) => {
                    let index = self.expand_string(index).await?;
                    let value = self.expand_assigned(&item.value).await?;
                    elements.push(Element { index: Some(index), append: item.append, value });
                }
                None => {
                    let words: &[Word] = std::slice::from_ref(&item.value);
                    let values = self.expand_words(words).await?;
                    let plain = |value| Element { index: None, append: false, value };
                    elements.extend(values.into_iter().map(plain));
                }
            }
        }
        Ok(elements)
    }

    /// Assigns an array literal to a variable.
    pub fn assign_array(&mut self, name: &str, elements: Vec<Element>, append: bool) -> Result<(), String> {
        let var = self.vars.get(name);
        if var.is_some_and(|var| var.readonly) {
            return Err(format!("{name}: readonly variable"));
        }
        let old = var.map_or(Value::Unset, |var| var.value.clone());
        let value = match old {
            Value::Assoc(old) => {
                let start = if append { old } else { Default::default() };
                Value::Assoc(self.assoc_from(name, elements, start)?)
            }
            Value::Indexed(old) if append => Value::Indexed(self.indexed_from(elements, old)?),
            Value::Scalar(text) if append => {
                Value::Indexed(self.indexed_from(elements, [(0, text)].into_iter().collect())?)
            }
            _ => Value::Indexed(self.indexed_from(elements, Default::default())?),
        };
        self.vars.set_value(name, value).map_err(|error| error.to_string())
    }

    fn indexed_from(
        &mut self,
        elements: Vec<Element>,
        mut items: std::collections::BTreeMap<i64, String>,
    ) -> Result<std::collections::BTreeMap<i64, String>, String> {
        let mut next = items.keys().next_back().map_or(0, |last| last + 1);
        for element in elements {
            if let Some(index) = &element.index {
                let number = super::arith::evaluate(index, self)?;
                next = from_end(number, &items)
                    .ok_or_else(|| format!("[{index}]={}: bad array subscript", element.value))?;
            }
            let value = match items.get(&next) {
                Some(old) if element.append => format!("{old}{}", element.value),
                _ => element.value,
            };
            items.insert(next, value);
            next += 1;
        }
        Ok(items)
    }

    fn assoc_from(
        &self,
        name: &str,
        elements: Vec<Element>,
        mut items: std::collections::BTreeMap<String, String>,
    ) -> Result<std::collections::BTreeMap<String, String>, String> {
        let mut pending: Option<String> = None;
        let pairs = elements.iter().all(|element| element.index.is_none());
        for element in elements {
            match (element.index, pending.take()) {
                (Some(key), _) => {
                    let value = match items.get(&key) {
                        Some(old) if element.append => format!("{old}{}", element.value),
                        _ => element.value,
                    };
                    items.insert(key, value);
                }
                (None, Some(key)) => {
                    items.insert(key, element.value);
                }
                (None, None) if pairs => pending = Some(element.value),
                (None, None) => {
                    return Err(format!(
                        "{name}: {}: must use subscript when assigning associative array",
                        element.value
                    ));
                }
            }
        }
        if let Some(key) = pending {
            items.insert(key, String::new());
        }
        Ok(items)
    }
}
