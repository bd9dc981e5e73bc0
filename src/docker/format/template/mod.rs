//! A subset of Go's text/template over JSON values, with docker/cli's functions.
//!
//! Present: fields, variables, pipelines, parentheses, `if`/`else if`, `range` with `else`, `break` and
//! `continue`, `with`, comments, trim marks, the comparison and boolean functions, `index`, `slice`,
//! `len`, `print*`, `json`, `join`, `split`, `upper`, `lower`, `title`, `pad`, `truncate`. Absent: `define`,
//! `template`, `block`, complex numbers. Errors are worded as Go's.

mod exec;
mod fields;
mod funcs;
mod lexer;
mod parser;
mod print;
mod value;

use serde_json::Value;

pub use exec::Root;
use parser::Node;
pub use value::Mode;

/// A parsed template.
pub struct Template {
    name: String,
    source: String,
    nodes: Vec<Node>,
}

impl Template {
    /// Parses; the error begins with `template: NAME:LINE: `.
    pub fn parse(name: &str, source: &str) -> Result<Template, String> {
        let nodes = parser::parse(name, source)?;
        Ok(Template { name: name.to_string(), source: source.to_string(), nodes })
    }

    /// Executes on `data`; the error begins with `template: NAME:LINE:COLUMN: `.
    pub fn execute(&self, data: &Value, root: &Root<'_>) -> Result<String, String> {
        exec::execute(&self.name, &self.source, &self.nodes, data, root)
    }
}

#[cfg(test)]
mod tests;
