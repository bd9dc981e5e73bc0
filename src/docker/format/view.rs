//! Lists of objects as tables, JSON or by a template.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::table::Table;
use super::template::{Mode, Root, Template};

/// A field that templates may use, and its heading in tables.
pub type Column = (&'static str, &'static str);

/// One object.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Fields by name.
    pub fields: Vec<(&'static str, Value)>,
    /// For the method `Label`.
    pub labels: BTreeMap<String, String>,
}

/// A list to show.
#[derive(Default)]
pub struct Listing {
    /// The Go type of a row, for errors.
    pub type_name: &'static str,
    /// Headings.
    pub columns: &'static [Column],
    /// The table when no other format is asked for.
    pub default: String,
    /// What `--format raw` means, if the list has that; empty otherwise.
    pub raw: &'static str,
    /// The rows.
    pub rows: Vec<Row>,
}

impl Row {
    /// A row of fields.
    pub fn new(fields: Vec<(&'static str, String)>) -> Row {
        let fields = fields.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
        Row { fields, labels: BTreeMap::new() }
    }

    fn json(&self) -> Value {
        let mut fields: Vec<_> = self.fields.iter().collect();
        fields.sort_by_key(|(name, _)| *name);
        let entry = |(name, value): &(&str, Value)| (name.to_string(), value.clone());
        Value::Object(fields.into_iter().map(entry).collect::<Map<_, _>>())
    }
}

impl Listing {
    /// Renders with `--format` (empty for the default); the error is the whole message.
    pub fn render(&self, format: &str) -> Result<String, String> {
        let (is_table, template) = match format {
            "" | "table" => (true, self.default.as_str()),
            "json" => (false, "{{json .}}"),
            "raw" if !self.raw.is_empty() => (false, self.raw),
            other => match other.strip_prefix("table") {
                Some(rest) => (true, rest),
                None => (false, other),
            },
        };
        let source = template.trim_matches(' ').replace("\\t", "\t").replace("\\n", "\n");
        let template = Template::parse("", &source).map_err(|why| format!("template parsing error: {why}"))?;
        let mut body = String::new();
        if is_table {
            let heading = |(name, text): &Column| (name.to_string(), Value::String(text.to_string()));
            let headings = Value::Object(self.columns.iter().map(heading).collect());
            let root = Root { mode: Mode::Typed, type_name: self.type_name, method: &|name, _| self.heading(name) };
            let head = Template::parse("", &for_headings(&source))?;
            body.push_str(&head.execute(&headings, &root).unwrap_or_default());
            body.push('\n');
        }
        for row in &self.rows {
            let method = |name: &str, key: &str| match name {
                "Label" => Some(row.labels.get(key).cloned().unwrap_or_default()),
                _ => None,
            };
            let root = Root { mode: Mode::Typed, type_name: self.type_name, method: &method };
            body.push_str(
                &template.execute(&row.json(), &root).map_err(|why| format!("template parsing error: {why}"))?,
            );
            body.push('\n');
        }
        Ok(if is_table { Table::LISTS.layout(&body) } else { body })
    }

    fn heading(&self, name: &str) -> Option<String> {
        self.columns.iter().find(|(n, _)| *n == name).map(|(_, text)| text.to_string())
    }
}

/// In headings the functions that change text leave it as it is.
fn for_headings(source: &str) -> String {
    let mut out = source.to_string();
    for function in ["json", "title", "lower", "upper"] {
        out = out.replace(&format!("{{{{{function} ."), "{{print .").replace(&format!("| {function}"), "| print");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let mut row = Row::new(vec![("Name", "web".into()), ("ID", "88a5ad459b32".into())]);
        row.labels.insert("a".into(), "b".into());
        Listing {
            type_name: "*formatter.ContainerContext",
            columns: &[("ID", "CONTAINER ID"), ("Name", "NAMES")],
            default: "table {{.ID}}\t{{.Name}}".trim_start_matches("table").to_string(),
            raw: "id: {{.ID}}\n",
            rows: vec![row],
        }
    }

    #[test]
    fn all_formats() {
        let list = listing();
        assert_eq!(list.render("").as_deref(), Ok("CONTAINER ID   NAMES\n88a5ad459b32   web\n"));
        assert_eq!(list.render("json").as_deref(), Ok("{\"ID\":\"88a5ad459b32\",\"Name\":\"web\"}\n"));
        assert_eq!(
            list.render("table {{.Name}}\\t{{upper .ID}}").as_deref(),
            Ok("NAMES     CONTAINER ID\nweb       88A5AD459B32\n")
        );
        assert_eq!(list.render("{{.Name}}: {{.Label \"a\"}}").as_deref(), Ok("web: b\n"));
        assert_eq!(list.render("raw").as_deref(), Ok("id: 88a5ad459b32\n\n"));
        assert_eq!(
            list.render("{{.Foo}}"),
            Err("template parsing error: template: :1:2: executing \"\" at <.Foo>: can't evaluate field Foo in type \
                 *formatter.ContainerContext"
                .to_string())
        );
    }
}
